export { anyOf } from "./auth/any-of.js";
export type { Authenticate, AuthenticationRequest, Credential, GivenCredential } from "./auth/authenticate.js";
export { bearer, type VerifyToken } from "./auth/bearer.js";
export { bearerCredential, bearerProtocols } from "./auth/bearer-token.js";
export { clientCertificates, type FindCertificate } from "./auth/client-certificates.js";
export { type TicketOptions, type Tickets, ticketCredential, tickets } from "./auth/tickets.js";
export { type TokenEntry, tokenTable } from "./auth/token-table.js";
export type { PeerCertificate, Principal } from "./transport/transport.js";
