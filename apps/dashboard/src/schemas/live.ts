import { Type } from '@fastify/type-provider-typebox';

export const LiveQuerySchema = Type.Object({
  meeting: Type.Optional(Type.String({ pattern: '^[0-9]{1,18}$', description: 'Only changes of this meeting' })),
});

/** The events of the stream by their names, with what is in `data` as JSON (docs/dashboard.md, "Live"). */
export interface LiveEvents {
  /**
   * From now on every change is told: sent once the server itself hears of changes, and again where it did not hear for a while. Whatever
   * was read before is to be read anew.
   */
  readonly hello: { readonly at: string };
  /** Something of this meeting changed, at most about twice a second: read it anew. */
  readonly changed: { readonly meetingId: string };
}
