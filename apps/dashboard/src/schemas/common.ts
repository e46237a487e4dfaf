import { type Static, Type } from '@fastify/type-provider-typebox';

export const Seconds = (description: string) => Type.Integer({ minimum: 0, description });
export const Count = (description: string) => Type.Integer({ minimum: 0, description });
export const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
export const NullableText = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
export const Time = (description: string) => Type.String({ format: 'date-time', description });
export const NullableTime = (description: string) => Type.Union([Time(description), Type.Null()]);
/** A text of a request that is looked for in the database, which holds no NUL. */
export const SoughtText = (description: string, minLength = 1) =>
  Type.String({ minLength, maxLength: 255, pattern: '^[^\\u0000]*$', description });

export const AccessUrlId = Type.Integer({
  minimum: 1,
  maximum: 2_147_483_647,
  description: 'The access URL of the learning platform',
});
export const Cursor = Type.String({ maxLength: 1_024, description: 'The nextCursor of the page before' });

export const ErrorSchema = Type.Object({ error: Type.String(), message: Type.String() });
/** What any route may answer. */
export const COMMON_ERRORS = { 401: ErrorSchema, 403: ErrorSchema, 500: ErrorSchema, 503: ErrorSchema };

export type ApiError = Static<typeof ErrorSchema>;
