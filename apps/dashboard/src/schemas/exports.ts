import { type Static, Type } from '@fastify/type-provider-typebox';
import { MeetingFilterSchema } from './meetings.js';

export const EXPORT_FORMATS = ['csv', 'json'] as const;
export const EXPORT_ROWS = ['participant', 'session'] as const;
export const SEPARATORS = ['comma', 'semicolon', 'tab'] as const;

export const ExportQuerySchema = Type.Object({
  format: Type.Optional(Type.Enum(EXPORT_FORMATS, { default: 'csv' })),
  rows: Type.Optional(Type.Enum(EXPORT_ROWS, { default: 'participant', description: 'What a row is' })),
  separator: Type.Optional(
    Type.Enum(SEPARATORS, {
      default: 'comma',
      description: 'Of a CSV; where a comma is in decimals, spreadsheets want a semicolon',
    }),
  ),
});

/** Of many meetings: the same filters as the list, the newest first. */
export const ExportManyQuerySchema = Type.Object({ ...MeetingFilterSchema.properties, ...ExportQuerySchema.properties });

export type ExportQuery = Static<typeof ExportQuerySchema>;
