import type { ApiError } from '../../../src/schemas/common.js';

/** What the API refused, or that it could not be reached (`status` 0, `code` `unreachable`). */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;
  /** The whole answer; null where there was none, or none that could be read. */
  readonly told: ApiError | null;

  constructor(status: number, code: string, message: string, told: ApiError | null = null) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.code = code;
    this.told = told;
  }
}

/** Nobody is logged in, or no longer. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 401;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Of the session, as `GET /api/session` tells it: whatever changes something must bear it. */
let csrfToken = '';

export function keepCsrfToken(token: string): void {
  csrfToken = token;
}

/** An address of the API with its query, relative to where the page is served: for links, such as those of exports, as well. */
export function apiAddress(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const search = new URLSearchParams(pairs).toString();
  return search === '' ? `api/${path}` : `api/${path}?${search}`;
}

/** `GET api/{path}`, with the type that the route's schema gives it. Throws {@link ApiFailure}. */
export function get<Answer>(path: string, query?: Query, signal?: AbortSignal): Promise<Answer> {
  return call<Answer>(apiAddress(path, query), signal === undefined ? {} : { signal });
}

export interface Change {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly query?: Query;
  /** Sent as JSON; a `Blob` is sent as it is. */
  readonly body?: unknown;
}

/** What changes something, with the session's CSRF token. Throws {@link ApiFailure}. */
export function change<Answer>(path: string, { method, query, body }: Change): Promise<Answer> {
  const headers = new Headers({ 'x-csrf-token': csrfToken });
  if (body === undefined) return call(apiAddress(path, query), { method, headers });
  headers.set('content-type', body instanceof Blob ? body.type : 'application/json');
  return call(apiAddress(path, query), { method, headers, body: body instanceof Blob ? body : JSON.stringify(body) });
}

async function call<Answer>(address: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(address, init).catch((error: unknown) => {
    if (init.signal?.aborted === true) throw error;
    throw new ApiFailure(0, 'unreachable', error instanceof Error ? error.message : String(error));
  });
  if (!response.ok) throw await failureOf(response);
  return (response.status === 204 ? null : await response.json()) as Answer;
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const told: unknown = await response.json().catch(() => null);
  if (isApiError(told)) return new ApiFailure(response.status, told.error, told.message, told);
  return new ApiFailure(response.status, 'unreadable', `${response.status} ${response.statusText}`);
}

function isApiError(told: unknown): told is ApiError {
  return typeof told === 'object' && told !== null && 'error' in told && 'message' in told;
}
