import { CallbackUrls } from '@bbb-activity/bbb/callback-urls';
import {
  type HookPlanInput,
  type HookTarget,
  planHooks,
  RENEW_AFTER_MS,
  SUSPECT_AFTER_MS,
  targetOf,
} from '@bbb-activity/bbb/hook-plan';
import type { ListedHook } from '@bbb-activity/bbb/listed-hooks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const NOW = 1_800_000_000_000;
const SALT = 'salt-of-the-plugin';
const PLACE = { accessUrlId: 1, publicUrl: 'https://here.example.org', formerUrls: ['https://before.example.org'] };
const urls = new CallbackUrls({ ...PLACE, salts: [SALT, 'salt-before'], algorithm: 'sha256' });
const own = (hook: ListedHook) => urls.read(hook);

interface Sketch {
  readonly id?: string;
  readonly url?: string;
  readonly mid?: HookTarget;
  readonly at?: HookTarget;
  readonly ageMs?: number;
  readonly names?: readonly string[];
  readonly permanent?: boolean;
  readonly raw?: boolean;
}

let made = 0;
/** A hook of ours for `mid`, unless the sketch tells otherwise. */
function hook({
  id = `h${++made}`,
  mid = null,
  at = mid,
  ageMs = 0,
  names = [],
  permanent = false,
  raw = false,
  url,
}: Sketch): ListedHook {
  const callbackUrl = url ?? urls.make(mid, Math.floor((NOW - ageMs) / 1_000));
  return { hookId: id, callbackUrl, meetingId: at, eventNames: names, permanent, raw };
}

function plan(listed: readonly ListedHook[], wanted: readonly HookTarget[], more: Partial<HookPlanInput> = {}) {
  const none = { known: new Set<HookTarget>(), silent: new Set<HookTarget>(), eventNames: [], lingering: true };
  return planHooks({ listed, own, wanted: new Set(wanted), now: NOW, ...none, ...more });
}

const steps = (of: ReturnType<typeof plan>) =>
  of.actions.map((action) =>
    action.do === 'create'
      ? `create ${action.target ?? '*'}: ${action.reason}`
      : `destroy ${action.hook.hookId}: ${action.reason}`,
  );

describe('the plan of hooks', () => {
  it('makes what is missing, and tells whether it was there', () => {
    expect(steps(plan([], ['a', 'b'], { known: new Set(['b']) }))).toEqual(['create a: first', 'create b: lost']);
  });

  it('leaves a good hook, and renews it before its signature ages, the new one first', () => {
    expect(steps(plan([hook({ mid: 'a', ageMs: RENEW_AFTER_MS - 1_000 })], ['a']))).toEqual([]);
    expect(steps(plan([hook({ id: 'old', ageMs: RENEW_AFTER_MS })], [null]))).toEqual(['create *: due', 'destroy old: replaced']);
    expect(RENEW_AFTER_MS).toBeLessThanOrEqual(8 * 60_000);
  });

  it('ends a renewal that broke off between the two', () => {
    const listed = [hook({ id: 'old', mid: 'a', ageMs: RENEW_AFTER_MS }), hook({ id: 'new', mid: 'a', ageMs: 10_000 })];
    expect(steps(plan(listed, ['a']))).toEqual(['destroy old: replaced']);
  });

  it.each([
    ['for another meeting than its URL says', hook({ id: 'x', mid: 'b', at: 'a' })],
    ['with another filter', hook({ id: 'x', mid: 'a', names: ['user-joined'] })],
    ['raw', hook({ id: 'x', mid: 'a', raw: true })],
    [
      'at an earlier address',
      hook({
        id: 'x',
        at: 'a',
        url: new CallbackUrls({ ...PLACE, publicUrl: 'https://before.example.org', salts: [SALT], algorithm: 'sha256' }).make(
          'a',
          NOW / 1_000,
        ),
      }),
    ],
    [
      'signed with an earlier salt',
      hook({
        id: 'x',
        at: 'a',
        url: new CallbackUrls({ ...PLACE, salts: ['salt-before'], algorithm: 'sha256' }).make('a', NOW / 1_000),
      }),
    ],
    [
      'signed by another algorithm',
      hook({ id: 'x', at: 'a', url: new CallbackUrls({ ...PLACE, salts: [SALT], algorithm: 'sha1' }).make('a', NOW / 1_000) }),
    ],
  ])('replaces one that is %s', (_what, wrong) => {
    expect(steps(plan([wrong], ['a']))).toEqual(['create a: changed', 'destroy x: replaced']);
  });

  it('never makes a URL that is there already', () => {
    const wrong = hook({ mid: 'a', names: ['user-joined'] });
    const [create] = plan([wrong], ['a']).actions;
    expect(create).toMatchObject({ do: 'create', signedSeconds: NOW / 1_000 + 1 });
  });

  it('replaces one of which nothing is heard, once it is old enough', () => {
    const silent = new Set(['a']);
    expect(steps(plan([hook({ mid: 'a', ageMs: SUSPECT_AFTER_MS - 1_000 })], ['a'], { silent }))).toEqual([]);
    expect(steps(plan([hook({ id: 'x', mid: 'a', ageMs: SUSPECT_AFTER_MS })], ['a'], { silent }))).toEqual([
      'create a: silence',
      'destroy x: replaced',
    ]);
  });

  it('removes what nothing asks for, a meeting that may be about to begin excepted', () => {
    const listed = [
      hook({ id: 'global' }),
      hook({ id: 'young', mid: 'a' }),
      hook({ id: 'aged', mid: 'b', ageMs: RENEW_AFTER_MS }),
    ];
    expect(steps(plan(listed, []))).toEqual(['destroy global: unwanted', 'destroy aged: unwanted']);
    expect(steps(plan(listed, [], { lingering: false }))).toHaveLength(3);
    expect(steps(plan(listed, [], { lingering: false, only: 'a' }))).toEqual(['destroy young: unwanted']);
  });

  it('makes the global hook before the meetings lose theirs', () => {
    expect(steps(plan([hook({ id: 'x', mid: 'a' })], [null], { lingering: false }))).toEqual([
      'create *: first',
      'destroy x: unwanted',
    ]);
  });

  it('tells of a foreign hook that takes the events of a meeting, and leaves it', () => {
    const foreign = hook({ id: 'foreign', at: 'a', url: 'https://other.example.org/hook' });
    const ours = hook({ mid: 'a' });
    expect(plan([foreign, ours], ['a'])).toMatchObject({
      actions: [],
      problems: [{ kind: 'starved', target: 'a', by: foreign }],
    });
    expect(plan([ours, foreign], ['a'])).toMatchObject({ actions: [], problems: [] });
  });

  it('knows the meeting of a hook by its URL where the server has forgotten it', () => {
    const listed = [hook({ id: 'x', mid: 'a', at: null }), hook({ id: 'y', mid: 'b', at: null, ageMs: RENEW_AFTER_MS })];
    expect(steps(plan(listed, ['a', 'b']))).toEqual(['create b: due', 'destroy y: replaced']);
    expect(steps(plan(listed, [null], { lingering: false }))).toHaveLength(3);
  });

  it('tells of a permanent hook of ours, and leaves it', () => {
    const permanent = hook({ permanent: true, ageMs: RENEW_AFTER_MS * 9 });
    expect(plan([permanent], [])).toMatchObject({ actions: [], problems: [{ kind: 'permanent', hook: permanent }] });
  });

  it.each([
    [
      "the platform's own hook, signed with the same salt",
      new CallbackUrls({ ...PLACE, publicUrl: 'https://lms.example.org', salts: [SALT], algorithm: 'sha256' }).make('a', 1),
    ],
    [
      'one at our address that somebody else signed',
      new CallbackUrls({ ...PLACE, salts: ['x'], algorithm: 'sha256' }).make('a', 1),
    ],
    ["another access URL's", new CallbackUrls({ ...PLACE, accessUrlId: 2, salts: [SALT], algorithm: 'sha256' }).make('a', 1)],
    ['what is no URL', 'nonsense'],
  ])('does not take for ours %s', (_what, url) => {
    expect(steps(plan([hook({ at: 'a', url })], []))).toEqual([]);
  });
});

const target = fc.constantFrom<HookTarget>(null, 'a', 'b', 'c');
const names = fc.constantFrom<readonly string[]>([], ['user-joined', 'user-left']);
const aHook: fc.Arbitrary<ListedHook> = fc
  .record({
    mid: target,
    at: target,
    same: fc.boolean(),
    ageMs: fc.integer({ min: -180, max: 1_200 }).map((seconds) => seconds * 1_000),
    names,
    permanent: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    raw: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    whose: fc.constantFrom('ours', 'ours', 'ours', 'before', 'foreign', 'badly signed'),
  })
  .map(({ mid, at, same, ageMs, whose, ...rest }) => {
    const publicUrl =
      whose === 'before' ? 'https://before.example.org' : whose === 'foreign' ? 'https://lms.example.org' : PLACE.publicUrl;
    const signer = new CallbackUrls({ ...PLACE, publicUrl, salts: [whose === 'badly signed' ? 'x' : SALT], algorithm: 'sha256' });
    return hook({ ...rest, mid, at: same ? mid : at, url: signer.make(mid, Math.floor((NOW - ageMs) / 1_000)) });
  });

const aState = fc.record({
  // One URL is registered once.
  listed: fc.uniqueArray(aHook, { selector: ({ callbackUrl }) => callbackUrl, maxLength: 8 }),
  wanted: fc.uniqueArray(target),
  known: fc.uniqueArray(target),
  silent: fc.uniqueArray(target),
  eventNames: names,
  lingering: fc.boolean(),
  only: fc.option(target, { nil: undefined }),
});
type State = typeof aState extends fc.Arbitrary<infer T> ? T : never;

const planOf = (state: State, listed: readonly ListedHook[]) =>
  planHooks({
    ...state,
    listed,
    own,
    now: NOW,
    wanted: new Set(state.wanted),
    known: new Set(state.known),
    silent: new Set(state.silent),
  });

/** What a server lists once the first `count` actions are done; it knows a callback URL once, and keeps what is permanent. */
function listAfter(state: State, count = Number.POSITIVE_INFINITY): ListedHook[] {
  let listed = [...state.listed];
  for (const action of planOf(state, listed).actions.slice(0, count)) {
    if (action.do === 'destroy') listed = listed.filter((one) => one.permanent || one.hookId !== action.hook.hookId);
    else {
      const callbackUrl = urls.make(action.target, action.signedSeconds);
      expect(listed.map((one) => one.callbackUrl)).not.toContain(callbackUrl);
      listed.push(hook({ at: action.target, names: state.eventNames, url: callbackUrl }));
    }
  }
  return listed;
}

/** Whether it is ours and for this. */
function isFor(one: ListedHook, of: HookTarget): boolean {
  const callback = own(one);
  return callback !== null && targetOf(one, callback) === of;
}

describe('whatever hooks there are', () => {
  it('none that is foreign goes, and none that is permanent is asked to go', () => {
    fc.assert(
      fc.property(aState, (state) => {
        const kept = new Set(listAfter(state).map(({ hookId }) => hookId));
        for (const one of state.listed) if (own(one) === null) expect(kept.has(one.hookId)).toBe(true);
        for (const action of planOf(state, state.listed).actions) {
          if (action.do === 'destroy') expect(action.hook.permanent || own(action.hook) === null).toBe(false);
        }
      }),
    );
  });

  it('each target that is looked at has one of ours when all is done, and no other has more than before', () => {
    fc.assert(
      fc.property(aState, (state) => {
        const ours = (listed: readonly ListedHook[], of: HookTarget) => listed.filter((one) => !one.permanent && isFor(one, of));
        const left = listAfter(state);
        for (const of of [null, 'a', 'b', 'c']) {
          const looked = state.only === undefined || state.only === of;
          if (!looked) expect(ours(left, of)).toEqual(ours(state.listed, of));
          else if (state.wanted.includes(of)) expect(ours(left, of)).toHaveLength(1);
          else if (!state.lingering || of === null) expect(ours(left, of)).toEqual([]);
        }
      }),
    );
  });

  it('nothing is left to do when all is done', () => {
    fc.assert(
      fc.property(aState, (state) => {
        expect(planOf(state, listAfter(state)).actions).toEqual([]);
      }),
    );
  });

  it('at no time between two actions is a target that had a hook without one', () => {
    fc.assert(
      fc.property(aState, fc.nat({ max: 12 }), (state, count) => {
        const has = (listed: readonly ListedHook[], of: HookTarget) => listed.some((one) => isFor(one, of));
        for (const of of state.wanted) if (has(state.listed, of)) expect(has(listAfter(state, count), of)).toBe(true);
      }),
    );
  });

  it('broken off anywhere and planned again, it ends the same', () => {
    fc.assert(
      fc.property(aState, fc.nat({ max: 12 }), (state, count) => {
        const again = { ...state, listed: listAfter(state, count) };
        const shape = (listed: readonly ListedHook[]) =>
          listed.map(({ meetingId, eventNames }) => JSON.stringify([meetingId, eventNames])).toSorted();
        expect(shape(listAfter(again))).toEqual(shape(listAfter(state)));
      }),
    );
  });
});
