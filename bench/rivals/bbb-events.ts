/** An event of a person as the endpoint needs it. */
export interface BbbEvent {
  readonly name: string;
  /** Unix ms. */
  readonly at: number;
  readonly meetingId: string;
  readonly internalMeetingId: string;
  /** Null where it concerns the meeting alone. */
  readonly userId: string | null;
  readonly userName: string | null;
  readonly emoji: string | null;
  readonly handRaised: boolean;
}

interface Wire {
  readonly data: {
    readonly id: string;
    readonly attributes: {
      readonly meeting: Readonly<Record<string, string>>;
      readonly user?: Readonly<Record<string, string | boolean>>;
      readonly 'chat-message'?: { readonly sender: Readonly<Record<string, string>> };
    };
    readonly event: { readonly ts: number };
  };
}

/** The events of a BBB server's form body. */
export function readBbbEvents(body: string): BbbEvent[] {
  const events = JSON.parse(new URLSearchParams(body).get('event') ?? '[]') as readonly Wire[];
  return events.map(({ data: { id, attributes, event } }) => {
    const user = attributes.user ?? attributes['chat-message']?.sender;
    return {
      name: id,
      at: event.ts,
      meetingId: attributes.meeting['external-meeting-id'] ?? '',
      internalMeetingId: attributes.meeting['internal-meeting-id'] ?? '',
      userId: user === undefined ? null : String(user['external-user-id']),
      userName: typeof user?.['name'] === 'string' ? user['name'] : null,
      emoji: typeof user?.['emoji'] === 'string' ? user['emoji'] : null,
      handRaised: user?.['raise-hand'] === true,
    };
  });
}
