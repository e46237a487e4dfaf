import '../../styles/hooks.css';
import { useQuery } from '@tanstack/react-query';
import { hooksHealthQuery } from '../../api/hooks-api.js';
import { Loaded } from '../../parts/states.js';
import { useTitle } from '../../shell/use-title.js';
import { useWords } from '../../words/words-context.js';
import { ServerHooks } from './server-hooks.js';

/** What is registered on the BBB servers, and of which times something may be missing (docs/hooks.md). */
export function HooksPage() {
  const { t } = useWords();
  useTitle(t('hooks.title'));
  const health = useQuery(hooksHealthQuery);
  return (
    <>
      <div className="page-head">
        <h1 className="page-title">{t('hooks.title')}</h1>
        <p className="page-sub">{t('hooks.help')}</p>
      </div>
      <Loaded query={health} lines={6}>
        {({ items }) => items.map((one) => <ServerHooks key={one.accessUrlId} health={one} named={items.length > 1} />)}
      </Loaded>
    </>
  );
}
