import { invalidArgument } from "../base/status.js";

/** Which requests to connect are let in by where the page stands that makes them. */
export interface OriginOptions {
  /**
   * The origins of the pages that may connect, as browsers send them: `https://app.example`, with a port where it isn't
   * the scheme's own. By default no page may, and everything that sends no Origin, as programs do, may. Once there are
   * origins here, a request without one is refused too.
   *
   * A browser connects for any page whatever, also to this machine and with its user's cookies: without this check each
   * page that somebody visits could use the listener. That the origin is the listener's own host proves nothing, because
   * whoever owns a name can point it at any address; so there is no way to say "the same host", and `null`, which
   * stands for many an origin, can't be listed.
   */
  readonly origins?: readonly string[];
  /** Whether programs, which send no Origin, may connect beside the pages of `origins`. By default they may not. */
  readonly allowWithoutOrigin?: boolean;
}

/**
 * Checks the options, and gives what decides on the Origin header of a request, undefined where it has none. Throws
 * INVALID_ARGUMENT.
 */
export function checkOrigins({ origins, allowWithoutOrigin }: OriginOptions): (origin: string | undefined) => boolean {
  if (allowWithoutOrigin !== undefined && typeof allowWithoutOrigin !== "boolean") {
    throw invalidArgument("allowWithoutOrigin", allowWithoutOrigin, "must be true or false");
  }
  if (origins === undefined) {
    if (allowWithoutOrigin !== undefined) {
      throw invalidArgument("allowWithoutOrigin", allowWithoutOrigin, "must be left out without origins");
    }
    return (origin) => origin === undefined;
  }
  if (!Array.isArray(origins) || origins.length === 0) {
    throw invalidArgument("origins", origins, "must list an origin, or be left out where no page may connect");
  }
  const allowed = new Set(origins.map(checkOrigin));
  return (origin) => {
    if (origin === undefined) {
      return allowWithoutOrigin === true;
    }
    const normal = normalOrigin(origin);
    return normal !== undefined && allowed.has(normal);
  };
}

function checkOrigin(origin: string): string {
  if (origin === "null") {
    throw invalidArgument("origins", origin, "null is what all sandboxed frames and files share, and can't be let in");
  }
  const normal = typeof origin === "string" ? normalOrigin(origin) : undefined;
  // A star is a host as good as any to a URL, and would match nothing.
  if (normal === undefined || origin.includes("*")) {
    throw invalidArgument("origins", origin, "must be like https://app.example, without path, query, user and *");
  }
  return normal;
}

/** An origin in the form in which two are the same when their texts are. Undefined for what is none. */
function normalOrigin(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  const { protocol, host, pathname } = url;
  // With a user, path, query or fragment the text has more than these. Schemes of apps and extensions have no path.
  return host !== "" && url.href === `${protocol}//${host}${pathname}` && (pathname === "/" || pathname === "")
    ? `${protocol}//${host}`
    : undefined;
}
