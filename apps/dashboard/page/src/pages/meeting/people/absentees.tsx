import type { Absentee } from '../../../../../src/schemas/participants.js';
import { useWords } from '../../../words/words-context.js';

/** Who was expected and did not come; nothing where nobody is missing. */
export function Absentees({ absentees, open }: { absentees: readonly Absentee[]; open?: boolean }) {
  const { t } = useWords();
  if (absentees.length === 0) return null;
  return (
    <details className="absentees" open={open === true}>
      <summary>{t('people.absent', { count: absentees.length })}</summary>
      <ul>
        {absentees.map(({ externalUserId, name }) => (
          <li key={externalUserId}>{name ?? externalUserId}</li>
        ))}
      </ul>
    </details>
  );
}
