import type { FastifyHelmetOptions } from '@fastify/helmet';

/**
 * The usual headers, and a policy by which the page runs the server's own files and nothing else: no script and no style stands in a page, none comes from
 * elsewhere, and no other page may frame it.
 *
 * @param publicUrl where people find the dashboard: only where that is https are browsers told to come by https alone
 */
export function contentSecurity(publicUrl: string | null): FastifyHelmetOptions {
  const https = publicUrl?.startsWith('https:') === true;
  return {
    global: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // Widths and positions are set by the page's script, which needs no leave: no style stands in a page either.
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: https ? { maxAge: 15_552_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
    crossOriginEmbedderPolicy: false,
  };
}
