import '../../styles/system.css';
import { useQuery } from '@tanstack/react-query';
import type { System } from '../../../../src/schemas/system.js';
import { systemQuery } from '../../api/system-api.js';
import { DataTable } from '../../parts/data-table.js';
import { Figure, Figures } from '../../parts/figure.js';
import { Section } from '../../parts/section.js';
import { Loaded } from '../../parts/states.js';
import { Ticking } from '../../parts/ticking.js';
import { rightsOf, useSession } from '../../shell/session-context.js';
import { useTitle } from '../../shell/use-title.js';
import { useWords } from '../../words/words-context.js';
import { DeadLetters } from './dead-letters.js';

/** The queue, the database's budget, and what could not be applied. */
export function SystemPage() {
  const { t } = useWords();
  const { admin } = rightsOf(useSession());
  useTitle(t('system.title'));
  const query = useQuery(systemQuery);
  return (
    <>
      <div className="page-head">
        <h1 className="page-title">{t('system.title')}</h1>
        {admin && (
          <a className="button" href="admin/queues">
            {t('system.board')}
          </a>
        )}
      </div>
      <Loaded query={query} lines={6}>
        {(system) => (
          <>
            <SystemFigures system={system} />
            <Partitions system={system} />
            <DeadLetters deadLetters={system.deadLetters} />
          </>
        )}
      </Loaded>
    </>
  );
}

/** Seconds that something waits, when the server told. */
function ageOf(oldestAt: string | null, at: string): number | null {
  return oldestAt === null ? null : Math.max(0, (Date.parse(at) - Date.parse(oldestAt)) / 1_000);
}

function SystemFigures({ system: { at, partitions, transactions, events } }: { system: System }) {
  const { t, format } = useWords();
  const waiting = partitions.reduce((sum, partition) => sum + partition.waiting, 0);
  const ages = partitions.flatMap(({ oldestAt }) => ageOf(oldestAt, at) ?? []);
  return (
    <Figures>
      <Figure label={t('system.waiting')} value={format.number(waiting)} />
      <Figure
        label={t('system.oldest')}
        value={ages.length === 0 ? '–' : <Ticking seconds={Math.max(...ages)} readAt={Date.parse(at)} running />}
        detail={ages.length === 0 ? t('system.nothingWaits') : undefined}
      />
      <Figure
        label={t('system.transactions')}
        value={format.number(transactions.lastMinute)}
        detail={t('system.budget', { budget: transactions.budgetPerSecond * 60 })}
      />
      <Figure label={t('system.events')} value={format.number(events.lastMinute)} />
    </Figures>
  );
}

function Partitions({ system: { at, queue, partitions } }: { system: System }) {
  const { t, format } = useWords();
  const title = t('system.partitions', { backend: queue === 'redis' ? 'Redis' : 'PostgreSQL' });
  return (
    <Section title={title}>
      <DataTable
        caption={title}
        rows={partitions}
        keyOf={({ partition }) => String(partition)}
        columns={[
          {
            key: 'partition',
            label: t('system.partition'),
            names: true,
            cell: ({ partition, paused }) => (
              <>
                {format.number(partition)} {paused && <span className="tag tag-warn">{t('system.paused')}</span>}
              </>
            ),
          },
          { key: 'waiting', label: t('system.columnWaiting'), numeric: true, cell: ({ waiting }) => format.number(waiting) },
          { key: 'active', label: t('system.columnActive'), numeric: true, cell: ({ active }) => format.number(active) },
          {
            key: 'age',
            label: t('system.columnAge'),
            numeric: true,
            cell: ({ oldestAt }) => {
              const age = ageOf(oldestAt, at);
              return age === null ? '–' : <Ticking seconds={age} readAt={Date.parse(at)} running />;
            },
          },
        ]}
      />
    </Section>
  );
}
