import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { sessionQuery } from '../api/session-api.js';
import { LoginPage } from '../pages/login/login-page.js';
import { ErrorState, Skeleton } from '../parts/states.js';
import { navigate, usePlace } from '../router/location.js';
import { matchPath } from '../router/match.js';
import { BrokenPage } from './broken-page.js';
import { ErrorBoundary } from './error-boundary.js';
import { NoSuchPage } from './no-such-page.js';
import { PAGES, type Page } from './pages.js';
import { rightsOf, SessionContext } from './session-context.js';
import { Brand, Shell } from './shell.js';

/** The page of the address, for who is logged in; the login for who is not. */
export function App() {
  const { path, search } = usePlace();
  const session = useQuery(sessionQuery);
  const known = session.data;
  const atLogin = path === 'login';
  useEffect(() => {
    if (known === null && !atLogin) navigate(`login?next=${encodeURIComponent(`${path}${search}`)}`, true);
  }, [known, atLogin, path, search]);

  if (atLogin) return <LoginPage loggedIn={known !== undefined && known !== null} />;
  if (known === undefined && session.error !== null) {
    return (
      <main className="alone">
        <ErrorState error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  }
  if (known === undefined || known === null) return <Waiting />;
  const found = pageOf(path);
  const rights = rightsOf(known);
  const allowed = found !== null && (found.page.right === 'meeting' || rights[found.page.right]);
  if (!rights.reader && !allowed && known.meetingId !== null) return <GoTo place={`meetings/${known.meetingId}`} />;
  const Shown = found?.page.component;
  return (
    <SessionContext value={known}>
      <Shell current={found?.page.pattern ?? null}>
        {Shown !== undefined && allowed ? (
          <ErrorBoundary key={path} fallback={<BrokenPage />}>
            <Shown values={found?.values ?? {}} />
          </ErrorBoundary>
        ) : (
          <NoSuchPage />
        )}
      </Shell>
    </SessionContext>
  );
}

/** Until it is known who is there. */
function Waiting() {
  return (
    <div className="shell">
      <header className="topbar">
        <div className="topbar-inner">
          <Brand />
        </div>
      </header>
      <main id="main">
        <Skeleton lines={8} />
      </main>
    </div>
  );
}

function GoTo({ place }: { place: string }) {
  useEffect(() => navigate(place, true), [place]);
  return null;
}

function pageOf(path: string): { page: Page; values: Readonly<Record<string, string>> } | null {
  for (const page of PAGES) {
    const values = matchPath(page.pattern, path);
    if (values !== null) return { page, values };
  }
  return null;
}
