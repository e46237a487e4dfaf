import { defineConfig } from 'prisma/config';

// For whoever has Prisma's own engine: `npx prisma migrate deploy` reads DATABASE_URL. The product itself does not need it.
// biome-ignore lint/style/noDefaultExport: Prisma reads the default export.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? '' },
});
