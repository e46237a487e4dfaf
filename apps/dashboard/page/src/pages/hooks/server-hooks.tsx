import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { HookHealth } from '../../../../src/hook-schemas.js';
import { ensureHooks, hookHistoryQuery, hooksQuery } from '../../api/hooks-api.js';
import { DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';
import { EmptyState, Loaded, useFailureText } from '../../parts/states.js';
import { rightsOf, useSession } from '../../shell/session-context.js';
import type { PlainWord } from '../../words/catalogue.js';
import { useWords } from '../../words/words-context.js';

const CAUSES: Readonly<Record<string, PlainWord>> = {
  lost: 'gaps.lost',
  missed: 'gaps.missed',
  silent: 'gaps.silent',
  starved: 'gaps.starved',
};

const FAULTS: Readonly<Record<string, PlainWord>> = {
  not_configured: 'hookFault.not_configured',
  unreachable: 'hookFault.unreachable',
  refused: 'hookFault.refused',
  clock: 'hookFault.clock',
  missing: 'hookFault.missing',
  overdue: 'hookFault.overdue',
  unwanted: 'hookFault.unwanted',
  starved: 'hookFault.starved',
  permanent: 'hookFault.permanent',
};

/** The hooks of one access URL: how they are, what is registered, gaps, history. */
export function ServerHooks({ health, named }: { health: HookHealth; named: boolean }) {
  const { t, format } = useWords();
  const { admin } = rightsOf(useSession());
  const { accessUrlId, ok, scope, server, hooks, problems, lastEventAt } = health;
  const state = t(ok ? 'hooks.ok' : 'hooks.notOk');
  return (
    <Section
      title={named ? `${t('hooks.accessUrl', { id: String(accessUrlId) })} · ${state}` : state}
      actions={admin ? <Ensure accessUrlId={accessUrlId} /> : undefined}
    >
      <p className="hook-facts">
        <ServerState health={health} />
        <span>
          {t('hooks.scope')}: {t(scope === 'global' ? 'hooks.scopeGlobal' : 'hooks.scopeMeeting')}
        </span>
        <span>
          {t('hooks.lastEvent')}: {lastEventAt === null ? t('hooks.noEvent') : format.dateTime(lastEventAt)}
        </span>
        {hooks !== null && <span>{t('hooks.good', { good: hooks.good, wanted: hooks.wanted })}</span>}
        {hooks !== null && hooks.foreign > 0 && <span>{t('hooks.foreign', { count: hooks.foreign })}</span>}
      </p>
      {problems.map(({ kind, meetingId, text }) => {
        const word = FAULTS[kind];
        return (
          <p key={`${kind} ${meetingId} ${text}`} className="note note-error">
            {meetingId !== null && <strong>{meetingId}</strong>}
            {word !== undefined && <strong>{t(word)}</strong>}
            <span lang="en">{text}</span>
          </p>
        );
      })}
      {server.reachable && <Registered accessUrlId={accessUrlId} />}
      <Gaps gaps={health.gaps} />
      <History accessUrlId={accessUrlId} />
    </Section>
  );
}

/** Where nobody asked the server, it cannot be said not to answer. */
function ServerState({ health: { enabled, server, hooks, problems } }: { health: HookHealth }) {
  const { t } = useWords();
  if (server.reachable) return <span className="tag tag-live">{`${t('hooks.server')} ${t('hooks.reachable')}`}</span>;
  const asked = hooks !== null || problems.some(({ kind }) => kind === 'unreachable' || kind === 'refused');
  if (asked) return <span className="tag tag-bad">{`${t('hooks.server')} ${t('hooks.unreachable')}`}</span>;
  return <span className="tag">{t(enabled ? 'hooks.notConfigured' : 'hooks.off')}</span>;
}

function Ensure({ accessUrlId }: { accessUrlId: number }) {
  const { t } = useWords();
  const textOf = useFailureText();
  const client = useQueryClient();
  const ensure = useMutation({
    mutationFn: () => ensureHooks(accessUrlId),
    onSuccess: () => client.invalidateQueries({ queryKey: ['hooks'] }),
  });
  const { data, error } = ensure;
  return (
    <div className="hook-ensure">
      <p role="status">
        {data !== undefined &&
          t('hooks.ensured', {
            registered: data.registered.length,
            renewed: data.renewed.length,
            removed: data.removed.length,
          })}
        {error !== null && <span className="hook-refused">{textOf(error)}</span>}
      </p>
      <button type="button" className="button" disabled={ensure.isPending} onClick={() => ensure.mutate()}>
        {t('hooks.ensure')}
      </button>
    </div>
  );
}

function Registered({ accessUrlId }: { accessUrlId: number }) {
  const { t, format } = useWords();
  const query = useQuery(hooksQuery(accessUrlId));
  return (
    <>
      <h3>{t('hooks.registered')}</h3>
      <Loaded query={query} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('hooks.none')} />
          ) : (
            <DataTable
              caption={t('hooks.registered')}
              rows={items}
              keyOf={({ hookId }) => hookId}
              columns={[
                {
                  key: 'meeting',
                  label: t('hooks.columnMeeting'),
                  names: true,
                  cell: ({ meetingId, ours }) => (
                    <>
                      {meetingId ?? t('hooks.all')} <span className="tag">{t(ours ? 'hooks.ours' : 'hooks.notOurs')}</span>
                    </>
                  ),
                },
                { key: 'address', label: t('hooks.columnAddress'), cell: ({ address }) => address },
                {
                  key: 'signed',
                  label: t('hooks.columnSigned'),
                  whole: true,
                  cell: ({ signedAt }) => (signedAt === null ? '–' : format.dateTime(signedAt)),
                },
              ]}
            />
          )
        }
      </Loaded>
    </>
  );
}

function Gaps({ gaps }: Pick<HookHealth, 'gaps'>) {
  const { t, format } = useWords();
  return (
    <>
      <h3>{t('hooks.gaps')}</h3>
      {gaps.length === 0 && <p className="quiet">{t('hooks.noGaps')}</p>}
      {gaps.length > 0 && (
        <ul className="hook-gaps">
          {gaps.map(({ cause, meetingId, meetings, from, to }) => {
            const word = CAUSES[cause];
            return (
              <li key={`${cause} ${meetingId} ${from}`}>
                <strong>
                  {format.dateTime(from)} – {to === null ? t('hooks.ongoing') : format.dateTime(to)}
                </strong>
                <span>{word === undefined ? cause : t(word)}</span>
                {meetings.length > 0 && <span className="quiet">{meetings.join(', ')}</span>}
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}

function History({ accessUrlId }: { accessUrlId: number }) {
  const { t, format } = useWords();
  const query = useQuery(hookHistoryQuery(accessUrlId));
  return (
    <details className="hook-history">
      <summary>{t('hooks.history')}</summary>
      <Loaded query={query} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">{t('hooks.noHistory')}</p>
          ) : (
            <DataTable
              caption={t('hooks.history')}
              rows={items.map((entry, index) => ({ ...entry, key: String(index) }))}
              keyOf={({ key }) => key}
              columns={[
                { key: 'when', label: t('hooks.when'), names: true, cell: ({ at }) => format.dateTime(at) },
                { key: 'what', label: t('hooks.what'), cell: ({ event }) => event },
                { key: 'why', label: t('hooks.why'), cell: ({ reason }) => reason },
                { key: 'for', label: t('hooks.for'), cell: ({ meetingId }) => meetingId ?? t('hooks.all') },
              ]}
            />
          )
        }
      </Loaded>
    </details>
  );
}
