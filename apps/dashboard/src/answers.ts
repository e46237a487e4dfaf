import { blameOf } from '@bbb-activity/store/errors';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { answerToHookError } from './hooks-api.js';

/** A refusal: its status and name go to the caller, with its words. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** What the answer tells beside them, for programs; the route's schema must name it. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

const RETRY_AFTER_SECONDS = '2';

interface Answer {
  readonly status: number;
  readonly name: string;
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Answers every error as `{ error, message }`: what the caller can mend by its own words, the rest by the id under which the log has it. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { status, name, message, details } = answerTo(error);
  if (status >= 500 && message === undefined) request.log.error({ err: error }, 'request failed');
  if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
  const told = message ?? `the request failed; the log tells more under ${request.id}`;
  return reply.code(status).send({ ...details, error: name, message: told });
}

function answerTo(error: Error & Partial<Pick<FastifyError, 'code' | 'statusCode'>>): Answer {
  if (error instanceof ApiError)
    return { status: error.status, name: error.code, message: error.message, details: error.details };
  const hooks = answerToHookError(error);
  if (hooks !== null) return hooks;
  switch (error.code) {
    case 'invalid_cursor':
    case 'unknown_time_zone':
      return { status: 400, name: 'bad_request', message: error.message };
    case 'queue_unavailable':
    case 'database_unreachable':
      return { status: 503, name: error.code };
  }
  const status = error.statusCode;
  if (status === 429) return { status, name: 'too_many_tries', message: error.message };
  if (status !== undefined && status < 500) return { status, name: 'bad_request', message: error.message };
  // The same request may succeed later.
  if (blameOf(error) === 'database') return { status: 503, name: 'database_unreachable' };
  return { status: 500, name: 'internal_error' };
}
