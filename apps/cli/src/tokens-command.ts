import { newOpaqueToken, opaqueTokenHash } from '@bbb-activity/signatures/opaque-token';
import { addApiToken, listApiTokens, revokeApiToken } from '@bbb-activity/store/api-tokens';
import { Command } from 'commander';
import type { CommandContext } from './command-context.js';
import {
  nameArgument,
  ReaderError,
  type ReaderOptions,
  readerAccessUrlOption,
  requireReader,
  roleOption,
  toldRole,
} from './who-may-read.js';
import { withStore } from './with-store.js';

/** docs/dashboard.md, "Tokens". */
export function tokensCommand(context: CommandContext): Command {
  const { print, tell } = context;
  return new Command('tokens')
    .description('bearer tokens by which programs use the API: see docs/dashboard.md')
    .addCommand(
      new Command('add')
        .description('makes a token and prints it; only its hash is kept')
        .argument('<name>', 'what the token is called, such as the program that bears it', nameArgument)
        .addOption(roleOption())
        .addOption(readerAccessUrlOption())
        .action(async (name: string, options: ReaderOptions) => {
          requireReader(options);
          const { role, accessUrl = null } = options;
          const token = newOpaqueToken();
          await withStore(context, async (store) => {
            const added = await addApiToken(store, { name, role, accessUrlId: accessUrl }, opaqueTokenHash(token));
            if (!added) throw new ReaderError('name_taken', `there is a token ${name} already`);
          });
          tell('the token, which is shown only now:');
          print(token);
        }),
    )
    .addCommand(
      new Command('list').description('all tokens, by name, and about when each was last used').action(() =>
        withStore(context, async (store) => {
          for (const token of await listApiTokens(store)) {
            const used = token.usedAt === null ? 'never used' : `used on ${token.usedAt.toISOString().slice(0, 10)}`;
            print(`${token.name}: ${toldRole(token)}, since ${token.createdAt.toISOString()}, ${used}`);
          }
        }),
      ),
    )
    .addCommand(
      new Command('revoke')
        .description('revokes a token: from then on it opens nothing')
        .argument('<name>', 'what the token is called', nameArgument)
        .action((name: string) =>
          withStore(context, async (store) => {
            if (!(await revokeApiToken(store, name))) throw new ReaderError('no_such_name', `there is no token ${name}`);
          }),
        ),
    );
}
