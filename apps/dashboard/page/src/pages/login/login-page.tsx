import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiFailure } from '../../api/api-client.js';
import { login, SESSION_KEY, sessionQuery } from '../../api/session-api.js';
import { Field } from '../../parts/field.js';
import { Icon } from '../../parts/icon.js';
import { useFailureText } from '../../parts/states.js';
import { navigate } from '../../router/location.js';
import { useSearchParams } from '../../router/search-params.js';
import { Preferences } from '../../shell/preferences.js';
import { useTitle } from '../../shell/use-title.js';
import type { PlainWord } from '../../words/catalogue.js';
import { useWords } from '../../words/words-context.js';
import { afterLogin } from './after-login.js';

/** Why `/link` sent somebody here (docs/dashboard.md, "Links from the learning platform"). */
const REASONS: Readonly<Record<string, PlainWord>> = {
  link_expired: 'login.linkExpired',
  link_refused: 'login.linkRefused',
  link_without_meeting: 'login.linkWithoutMeeting',
};

export function LoginPage({ loggedIn }: { loggedIn: boolean }) {
  const { t } = useWords();
  useTitle(t('login.title'));
  const client = useQueryClient();
  const params = useSearchParams();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const textOf = useFailureText();
  const enter = useMutation({
    mutationFn: login,
    // The session is read anew before the page is shown: it bears the CSRF token.
    onSuccess: () => client.fetchQuery({ ...sessionQuery, staleTime: 0 }),
    onSettled: () => setPassword(''),
  });
  const reason = REASONS[params.get('reason') ?? ''];
  useEffect(() => {
    if (loggedIn && reason === undefined) goOn(params.get('next'));
  }, [loggedIn, reason, params]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate(
      { name, password },
      {
        onSuccess() {
          void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
          goOn(params.get('next'));
        },
      },
    );
  };
  const wrong = enter.error instanceof ApiFailure && enter.error.code === 'wrong_login';
  return (
    <div className="login">
      <header className="login-preferences">
        <Preferences />
      </header>
      <main className="login-card">
        <p className="brand">
          <Icon name="mark" />
          <span>bbb-activity</span>
        </p>
        <h1>{t('login.title')}</h1>
        {reason !== undefined && (
          <p className="note note-warn" role="status">
            <Icon name="warn" />
            <span>{t(reason)}</span>
          </p>
        )}
        {enter.error !== null && (
          <p className="note note-error" role="alert">
            <Icon name="warn" />
            <span>{wrong ? t('login.wrong') : textOf(enter.error)}</span>
          </p>
        )}
        <form onSubmit={submit}>
          <Field label={t('login.name')}>
            <input
              className="input"
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              maxLength={100}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          </Field>
          <Field label={t('login.password')}>
            <input
              className="input"
              type="password"
              name="password"
              autoComplete="current-password"
              required
              maxLength={1_000}
              value={password}
              onChange={({ target }) => setPassword(target.value)}
            />
          </Field>
          <button type="submit" className="button button-primary" disabled={enter.isPending}>
            {enter.isPending ? t('login.waiting') : t('login.enter')}
          </button>
        </form>
        <p className="login-hint">{t('login.hint')}</p>
      </main>
    </div>
  );
}

function goOn(next: string | null): void {
  const { to, ofThePage } = afterLogin(next, document.baseURI);
  if (ofThePage) navigate(to, true);
  else location.assign(to);
}
