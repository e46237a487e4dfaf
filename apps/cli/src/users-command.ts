import {
  hashPassword,
  LEAST_PASSWORD_CHARACTERS,
  MOST_PASSWORD_CHARACTERS,
  randomPassword,
} from '@bbb-activity/signatures/password';
import { addUser, changePassword, listUsers, removeUser } from '@bbb-activity/store/dashboard-users';
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

const STDIN_OPTION = ['--password-stdin', 'take the password from standard input, in place of a random one', false] as const;

/** docs/dashboard.md, "Users". */
export function usersCommand(context: CommandContext): Command {
  const { print } = context;
  return new Command('users')
    .description('who may log in to the dashboard by name and password: see docs/dashboard.md')
    .addCommand(
      new Command('add')
        .description('adds a user, and prints a random password unless one is given')
        .argument('<name>', 'the name to log in by, whatever the case', nameArgument)
        .addOption(roleOption())
        .addOption(readerAccessUrlOption())
        .option(...STDIN_OPTION)
        .action(async (name: string, options: ReaderOptions & { passwordStdin: boolean }) => {
          requireReader(options);
          const { role, accessUrl = null } = options;
          const password = await passwordOf(context, options.passwordStdin);
          await withStore(context, async (store) => {
            const user = { name, role, accessUrlId: accessUrl, passwordHash: await hashPassword(password.text) };
            if (!(await addUser(store, user))) throw new ReaderError('name_taken', `there is a user ${name} already`);
          });
          tellPassword(context, password);
        }),
    )
    .addCommand(
      new Command('list').description('all users, by name').action(() =>
        withStore(context, async (store) => {
          for (const user of await listUsers(store)) {
            print(`${user.name}: ${toldRole(user)}, since ${user.createdAt.toISOString()}`);
          }
        }),
      ),
    )
    .addCommand(
      new Command('password')
        .description("changes a user's password, and logs the user out everywhere; prints a random one unless one is given")
        .argument('<name>', 'the name of the user', nameArgument)
        .option(...STDIN_OPTION)
        .action(async (name: string, { passwordStdin }: { passwordStdin: boolean }) => {
          const password = await passwordOf(context, passwordStdin);
          await withStore(context, async (store) => {
            if (!(await changePassword(store, name, await hashPassword(password.text)))) throw noSuchUser(name);
          });
          tellPassword(context, password);
        }),
    )
    .addCommand(
      new Command('remove')
        .description('removes a user, who is logged out by it')
        .argument('<name>', 'the name of the user', nameArgument)
        .action((name: string) =>
          withStore(context, async (store) => {
            if (!(await removeUser(store, name))) throw noSuchUser(name);
          }),
        ),
    );
}

interface Password {
  readonly text: string;
  readonly isRandom: boolean;
}

/** @throws ReaderError */
async function passwordOf({ readInput }: CommandContext, fromInput: boolean): Promise<Password> {
  if (!fromInput) return { text: randomPassword(), isRandom: true };
  const text = (await readInput()).replace(/\r?\n$/, '');
  if (text.length >= LEAST_PASSWORD_CHARACTERS && text.length <= MOST_PASSWORD_CHARACTERS) return { text, isRandom: false };
  const bounds = `${LEAST_PASSWORD_CHARACTERS} to ${MOST_PASSWORD_CHARACTERS}`;
  throw new ReaderError('weak_password', `a password must have ${bounds} characters`);
}

/** Standard output holds the password alone, for whoever reads it by a script. */
function tellPassword({ print, tell }: CommandContext, { text, isRandom }: Password): void {
  if (!isRandom) return;
  tell('the password, which is shown only now:');
  print(text);
}

function noSuchUser(name: string): ReaderError {
  return new ReaderError('no_such_name', `there is no user ${name}`);
}
