/** Why an operation on hooks did not do what it was asked for. What the BBB server itself is to blame for is told by the errors of its client. */
export type HookErrorCode =
  | 'no_meeting'
  | 'unknown_access_url'
  | 'hooks_not_configured'
  | 'webhooks_disabled'
  | 'hook_scope'
  | 'permanent_hook'
  | 'hook_duplicate'
  | 'hooks_busy';

/** Nothing was changed, unless the code is `hook_duplicate`. No message holds a signed URL. */
export class HookError extends Error {
  override readonly name = 'HookError';
  readonly code: HookErrorCode;

  constructor(code: HookErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
