import { storeHooks } from '@bbb-activity/app-dashboard/store-hooks';
import type { HookChanges } from '@bbb-activity/bbb/hook-keeper';
import { type HooksHealth, toldProblem } from '@bbb-activity/bbb/hook-report';
import type { Hooks } from '@bbb-activity/bbb/hooks';
import { readSettings } from '@bbb-activity/config/read-settings';
import { openStore } from '@bbb-activity/store/client';
import { Command, Option } from 'commander';
import { accessUrlOption } from './access-url-option.js';
import type { CommandContext } from './command-context.js';

interface HookOptions {
  readonly meeting?: string;
  readonly global?: boolean;
  readonly accessUrl?: number;
}

/** One for the lock, and one for reading beside it. */
const CONNECTIONS = 2;

/** docs/hooks.md, "The operations". */
export function hooksCommand({ environment, print }: CommandContext): Command {
  const withHooks = async (work: (hooks: Hooks) => Promise<void>) => {
    const { DATABASE_URL } = readSettings(environment, [], ['DATABASE_URL']);
    const store = openStore({ databaseUrl: DATABASE_URL, maxConnections: CONNECTIONS });
    try {
      await work(storeHooks(environment, store));
    } finally {
      await store.close();
    }
  };
  const accessUrl = () => accessUrlOption('the access URL; needed where there are several');

  return new Command('hooks')
    .description("registers, removes and shows hooks on the BBB server; the worker's watch does so by itself: see docs/hooks.md")
    .addCommand(
      new Command('ensure')
        .description('sees to a hook of a meeting, to the global hook, or to all that there should be')
        .option('--meeting <id>', 'the external meeting id')
        .addOption(new Option('--global', 'the global hook').conflicts('meeting'))
        .addOption(accessUrl())
        .action(({ meeting, global, accessUrl: id }: HookOptions) =>
          withHooks(async (hooks) => {
            const changes =
              meeting !== undefined
                ? await hooks.ensureHookForMeeting(meeting, id)
                : await (global ? hooks.ensureGlobalWebhook(id) : hooks.ensureAll(id));
            printChanges(changes, print);
            if (changes.refused.length > 0) process.exitCode = 1;
          }),
        ),
    )
    .addCommand(
      new Command('cleanup')
        .description('removes our hooks, of one meeting or all of them, and no other')
        .option('--meeting <id>', 'the external meeting id')
        .addOption(accessUrl())
        .action(({ meeting, accessUrl: id }: HookOptions) =>
          withHooks(async (hooks) => printChanges(await hooks.cleanupWebhooks(meeting, id), print)),
        ),
    )
    .addCommand(
      new Command('health')
        .description('tells whether hooks are as they should be, and what may be missing; exits 1 where something is wrong')
        .addOption(accessUrl())
        .action(({ accessUrl: id }: HookOptions) =>
          withHooks(async (hooks) => {
            const all = await hooks.checkWebhooksHealth(id);
            for (const health of all) for (const line of healthLines(health)) print(line);
            if (all.some(({ ok }) => !ok)) process.exitCode = 1;
          }),
        ),
    )
    .addCommand(
      new Command('list')
        .description('all hooks of the BBB server')
        .addOption(accessUrl())
        .action(({ accessUrl: id }: HookOptions) =>
          withHooks(async (hooks) => {
            for (const { hookId, ours, meetingId, address, signedAt, permanent } of await hooks.list(id)) {
              const notes = [
                nameOf(meetingId),
                ...(signedAt === null ? [] : [`signed ${signedAt}`]),
                ...(permanent ? ['permanent'] : []),
              ];
              print(`${hookId}: ${ours ? 'ours' : 'foreign'}, ${notes.join(', ')}, to ${address}`);
            }
          }),
        ),
    )
    .addCommand(
      new Command('history')
        .description('what became of hooks, the newest first')
        .addOption(accessUrl())
        .action(({ accessUrl: id }: HookOptions) =>
          withHooks(async (hooks) => {
            for (const { at, event, reason, meetingId, hookId, from, to } of await hooks.history(id)) {
              const times = from === null ? '' : `, ${from} to ${to ?? 'now'}`;
              print(`${at} ${event} (${reason}): ${nameOf(meetingId)}${hookId === null ? '' : `, hook ${hookId}`}${times}`);
            }
          }),
        ),
    );
}

function printChanges({ registered, renewed, removed, problems, refused }: HookChanges, print: (line: string) => void): void {
  for (const target of registered) print(`registered: ${nameOf(target)}`);
  for (const target of renewed) print(`renewed: ${nameOf(target)}`);
  for (const id of removed) print(`removed: hook ${id}`);
  for (const problem of problems) print(`problem: ${toldProblem(problem).text}`);
  for (const { target, error } of refused) print(`refused: ${nameOf(target)}: ${error.message}`);
  if ([registered, renewed, removed, refused].every(({ length }) => length === 0)) print('nothing had to be done');
}

function healthLines({ accessUrlId, ok, enabled, scope, server, hooks, problems, gaps }: HooksHealth): string[] {
  const clock = server.clockAheadSeconds === null ? '' : `, its clock ${server.clockAheadSeconds} s ahead`;
  const answer = server.reachable ? `answers${server.checksumAccepted ? ', takes the checksum' : ''}${clock}` : 'is not reached';
  return [
    `access URL ${accessUrlId}: ${ok ? 'ok' : 'NOT ok'}, webhooks ${enabled ? 'on' : 'off'}, scope ${scope}`,
    `  the BBB server ${answer}${server.failingSince === null ? '' : `; no answer to the watch since ${server.failingSince}`}`,
    ...(hooks === null ? [] : [`  hooks: ${hooks.good} of ${hooks.wanted} as they should be, ${hooks.foreign} foreign`]),
    ...problems.map(
      ({ kind, meetingId, text }) => `  problem (${kind}${meetingId === null ? '' : `, meeting ${meetingId}`}): ${text}`,
    ),
    ...gaps.map((gap) => {
      const meetings = gap.meetingId ?? (gap.meetings.length === 0 ? 'no meeting that is known' : gap.meetings.join(', '));
      return `  gap (${gap.cause}): ${gap.from} to ${gap.to ?? 'now'}: ${meetings}`;
    }),
  ];
}

function nameOf(target: string | null): string {
  return target === null ? 'global' : `meeting ${target}`;
}
