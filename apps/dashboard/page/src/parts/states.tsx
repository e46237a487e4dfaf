import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiFailure } from '../api/api-client.js';
import { StandingStill } from '../live/standing-still.js';
import type { PlainWord } from '../words/catalogue.js';
import { useWords } from '../words/words-context.js';
import { Icon } from './icon.js';

/** Nothing is there, and why. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <Icon name="empty" />
      <p className="state-title">{title}</p>
      {children !== undefined && <div className="state-more">{children}</div>}
    </div>
  );
}

const KNOWN: Readonly<Record<string, PlainWord>> = {
  unreachable: 'error.unreachable',
  database_unreachable: 'error.database',
  queue_unavailable: 'error.queue',
  unauthorized: 'error.unauthorized',
  forbidden: 'error.forbidden',
  not_found: 'error.notFound',
  too_many_tries: 'error.tooMany',
  csrf: 'error.csrf',
  bad_request: 'error.badRequest',
  internal_error: 'error.internal',
  not_redrivable: 'error.notRedrivable',
  bbb_unreachable: 'error.bbb',
  bbb_answer: 'error.bbb',
  bbb_failed: 'error.bbb',
  hooks_not_configured: 'error.hooksOff',
  webhooks_disabled: 'error.hooksOff',
  hooks_busy: 'error.hooksBusy',
};

/** What went wrong, in the reader's words: the server's are for programs, and in one language. */
export function useFailureText(): (error: unknown) => string {
  const { t } = useWords();
  return (error) => {
    // What failed in the page itself was not told by anybody.
    if (!(error instanceof ApiFailure)) return t('page.brokenText');
    const word = KNOWN[error.code];
    return word === undefined ? t('error.other', { code: `${error.code}, ${error.status}` }) : t(word);
  };
}

/** What went wrong, and the way to try again. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useWords();
  const textOf = useFailureText();
  return (
    <div className="state state-error" role="alert">
      <Icon name="warn" />
      <p className="state-title">{t('error.title')}</p>
      <p>{textOf(error)}</p>
      {retry !== undefined && (
        <div className="state-more">
          <button type="button" className="button" onClick={retry}>
            {t('error.retry')}
          </button>
        </div>
      )}
    </div>
  );
}

/** Grey lines in the place of what is being read. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  const { t } = useWords();
  return (
    <div className="skeleton" role="status">
      <span className="hidden">{t('loading')}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all the same
        <div key={line} className="skeleton-line" />
      ))}
    </div>
  );
}

interface LoadedProps<Data> {
  readonly query: UseQueryResult<Data>;
  /** How many lines the skeleton has. */
  readonly lines?: number;
  readonly children: (data: Data) => ReactNode;
}

/** What a query answered; until then a skeleton, and where it failed, why. What was read before stays where a later read fails, and is said to be old. */
export function Loaded<Data>({ query, lines, children }: LoadedProps<Data>) {
  const { data, error, refetch } = query;
  if (data === undefined) {
    return error === null ? <Skeleton lines={lines ?? 3} /> : <ErrorState error={error} retry={() => void refetch()} />;
  }
  return (
    <>
      {error !== null && <StaleNote error={error} at={query.dataUpdatedAt} retry={() => void refetch()} />}
      <StandingStill since={error === null ? null : query.dataUpdatedAt}>{children(data)}</StandingStill>
    </>
  );
}

function StaleNote({ error, at, retry }: { error: unknown; at: number; retry: () => void }) {
  const { t, format } = useWords();
  const textOf = useFailureText();
  return (
    <div className="note note-warn" role="status">
      <Icon name="warn" />
      <span>
        {t('stale.since', { time: format.timeWithSeconds(at) })} {textOf(error)}
      </span>
      <button type="button" className="button button-small" onClick={retry}>
        {t('error.retry')}
      </button>
    </div>
  );
}
