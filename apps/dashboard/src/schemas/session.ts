import { MOST_PASSWORD_CHARACTERS } from '@bbb-activity/signatures/password';
import { type Static, Type } from '@fastify/type-provider-typebox';
import { AccessUrlId, NullableText } from './common.js';

export const LoginSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    password: Type.String({ minLength: 1, maxLength: MOST_PASSWORD_CHARACTERS }),
  },
  { additionalProperties: false },
);

export const SessionSchema = Type.Object({
  user: Type.Object({
    name: Type.String(),
    role: Type.Enum(['admin', 'viewer', 'link'], {
      description: 'viewer: may read; link: came by a signed link, and may read one meeting',
    }),
    accessUrlId: Type.Union([AccessUrlId, Type.Null()], { description: 'The only access URL that may be read; null: all' }),
  }),
  csrfToken: Type.String({
    description: 'To be sent as x-csrf-token with every write; empty for a bearer token, which needs none',
  }),
  meetingId: NullableText('The only meeting that may be read, of a signed link; else null'),
  version: Type.String({ description: 'Of bbb-activity' }),
});

export type Login = Static<typeof LoginSchema>;
export type SessionTold = Static<typeof SessionSchema>;
export type Role = SessionTold['user']['role'];
