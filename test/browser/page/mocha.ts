/** Mocha, whose build for browsers is a script beside this one, as tests import it. */
const { after, afterEach, before, beforeEach, describe, it } = globalThis;

export { after, afterEach, before, beforeEach, describe, it };
