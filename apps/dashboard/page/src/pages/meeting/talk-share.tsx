import type { Participants } from '../../../../src/schemas/participants.js';
import { Help } from '../../parts/help.js';
import { EmptyState } from '../../parts/states.js';
import { clock } from '../../words/formats.js';
import { useWords } from '../../words/words-context.js';

/** More would be threads. */
const MOST_BARS = 15;
/** The few who talk most are told up to this part of all talk time. */
const MOST_OF_IT = 0.8;

/** Who has which part of the talk time. */
export function TalkShare({ people }: { people: Participants }) {
  const { t, format } = useWords();
  const talkers = people.items
    .filter(({ talkSeconds }) => talkSeconds > 0)
    .toSorted((one, other) => other.talkSeconds - one.talkSeconds);
  const total = talkers.reduce((sum, { talkSeconds }) => sum + talkSeconds, 0);
  const [first] = talkers;
  if (first === undefined) return <EmptyState title={t('talkShare.none')} />;
  const shown = talkers.slice(0, MOST_BARS);
  const rest = talkers.slice(MOST_BARS);
  const restSeconds = rest.reduce((sum, { talkSeconds }) => sum + talkSeconds, 0);
  return (
    <>
      <p className="count">
        {t('talkShare.most', { count: fewest(talkers, total), share: format.percent(MOST_OF_IT) })}
        {' · '}
        {t('talkShare.silent', { count: people.items.length - talkers.length })}{' '}
        <Help about={t('talkShare.title')}>
          {t('talkShare.help')} {t('person.talkHelp')}
        </Help>
      </p>
      <ol className="shares">
        {shown.map(({ externalUserId, name, talkSeconds, talkSource }) => (
          <Bar
            key={externalUserId}
            name={name ?? externalUserId}
            seconds={talkSeconds}
            share={talkSeconds / total}
            longest={first.talkSeconds / total}
            kind={talkSource}
          />
        ))}
        {rest.length > 0 && (
          <Bar
            name={t('talkShare.others', { count: rest.length })}
            seconds={restSeconds}
            share={restSeconds / total}
            longest={first.talkSeconds / total}
            kind="others"
          />
        )}
      </ol>
    </>
  );
}

interface BarProps {
  readonly name: string;
  readonly seconds: number;
  readonly share: number;
  /** The share whose bar takes all the width. */
  readonly longest: number;
  readonly kind: 'talking' | 'microphone' | 'mixed' | 'others';
}

function Bar({ name, seconds, share, longest, kind }: BarProps) {
  const { t, format } = useWords();
  return (
    <li>
      <span className="share-name">{name}</span>
      <svg className="share-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect className={`shape-${kind}`} width={Math.min(100, (share / longest) * 100)} height="10" />
      </svg>
      <span className="share-number">{format.percent(share)}</span>
      <span className="share-number">{clock(seconds)}</span>
      <span>
        {kind !== 'others' && (
          <abbr className="source" title={t(`talk.${kind}`)}>
            {t(`talk.${kind}Short`)}
          </abbr>
        )}
      </span>
    </li>
  );
}

/** How few people have most of the talk time. */
function fewest(talkers: readonly { readonly talkSeconds: number }[], total: number): number {
  let sum = 0;
  for (const [index, { talkSeconds }] of talkers.entries()) {
    sum += talkSeconds;
    if (sum >= total * MOST_OF_IT) return index + 1;
  }
  return talkers.length;
}
