/** Where it is told that traces cannot be sent. A pino logger fits. */
export interface TracingLog {
  warn(fields: object, message: string): void;
}
