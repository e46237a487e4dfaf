import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiFailure } from '../api/api-client.js';
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
};

/** What went wrong, in the reader's words where they are known, else in the server's. */
export function useFailureText(): (error: unknown) => string {
  const { t } = useWords();
  return (error) => {
    const word = error instanceof ApiFailure ? KNOWN[error.code] : undefined;
    if (word !== undefined) return t(word);
    return error instanceof Error ? error.message : String(error);
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
      {children(data)}
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
