import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DeadLetter, System } from '../../../../src/schemas/system.js';
import { deadLettersQuery, discardLetter, redriveLetter } from '../../api/system-api.js';
import { Section } from '../../parts/section.js';
import { EmptyState, ErrorState, Skeleton, useFailureText } from '../../parts/states.js';
import { rightsOf, useSession } from '../../shell/session-context.js';
import { useWords } from '../../words/words-context.js';
import { heldText, reasonText } from './letter-words.js';

/** What could not be applied: how much of which reason, and to administrators each one, to be sent again or discarded. */
export function DeadLetters({ deadLetters }: Pick<System, 'deadLetters'>) {
  const { t, format } = useWords();
  const { admin } = rightsOf(useSession());
  return (
    <Section title={`${t('system.dead')} (${format.number(deadLetters.total)})`}>
      <p className="quiet">{t('system.deadHelp')}</p>
      <p className="letter-reasons">
        {deadLetters.byReason.map(({ reason, count }) => (
          <span key={reason} className="tag tag-warn">
            {reasonText(reason, t)} {format.number(count)}
          </span>
        ))}
      </p>
      {admin ? <Letters /> : deadLetters.total === 0 && <EmptyState title={t('system.noDead')} />}
    </Section>
  );
}

function Letters() {
  const { t } = useWords();
  const query = useInfiniteQuery(deadLettersQuery);
  const [said, say] = useState('');
  const letters = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <p role="status">{said}</p>
      {query.data === undefined && query.error === null && <Skeleton lines={2} />}
      {query.data === undefined && query.error !== null && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.data !== undefined && letters.length === 0 && <EmptyState title={t('system.noDead')} />}
      <ul className="letters">
        {letters.map((letter) => (
          <Letter key={letter.id} letter={letter} say={say} />
        ))}
      </ul>
      {query.hasNextPage && (
        <button type="button" className="button" onClick={() => void query.fetchNextPage()}>
          {t('meetings.more')}
        </button>
      )}
    </>
  );
}

function Letter({ letter, say }: { letter: DeadLetter; say: (text: string) => void }) {
  const { t, format } = useWords();
  const { id, reason, detail, at, event, meeting, user, redrivable, payload } = letter;
  const held = heldText(detail, t);
  return (
    <li className="letter">
      <p className="letter-head">
        <strong>{reasonText(reason, t)}</strong>
        <code>{reason}</code>
        {at !== null && <span>{format.dateTime(at)}</span>}
        <span>{[event, meeting, user].filter((part) => part !== null).join(' · ')}</span>
      </p>
      <p>{held ?? <code lang="en">{detail}</code>}</p>
      <details>
        <summary>{t('system.show')}</summary>
        <pre className="letter-payload">{payload}</pre>
      </details>
      <LetterActions id={id} redrivable={redrivable} say={say} />
    </li>
  );
}

interface LetterActionsProps {
  readonly id: string;
  readonly redrivable: boolean;
  readonly say: (text: string) => void;
}

/** What is discarded is gone for ever: that is asked once more. */
function LetterActions({ id, redrivable, say }: LetterActionsProps) {
  const { t } = useWords();
  const textOf = useFailureText();
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const after = (text: string) => ({
    onSuccess: async () => {
      say(text);
      await client.invalidateQueries({ queryKey: ['system'] });
    },
  });
  const redrive = useMutation({ mutationFn: () => redriveLetter(id), ...after(t('system.redriven')) });
  const discard = useMutation({ mutationFn: () => discardLetter(id), ...after(t('system.discarded')) });
  const failed = redrive.error ?? discard.error;
  return (
    <div className="letter-actions">
      {failed !== null && (
        <p className="note note-error" role="alert">
          {textOf(failed)}
        </p>
      )}
      {sure ? (
        <>
          <span>{t('system.discardSure')}</span>
          <button
            type="button"
            className="button button-small button-danger"
            disabled={discard.isPending}
            onClick={() => discard.mutate()}
          >
            {t('system.discard')}
          </button>
          <button type="button" className="button button-small" onClick={() => setSure(false)}>
            {t('system.cancel')}
          </button>
        </>
      ) : (
        <>
          {redrivable && (
            <button type="button" className="button button-small" disabled={redrive.isPending} onClick={() => redrive.mutate()}>
              {t('system.redrive')}
            </button>
          )}
          <button type="button" className="button button-small" onClick={() => setSure(true)}>
            {t('system.discard')}
          </button>
        </>
      )}
    </div>
  );
}
