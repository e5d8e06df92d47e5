/**
 * The subprotocol of plain links, for clients that offer another one only to bring a secret, as browsers must: they take
 * no connection for which none of those that they offer is selected. A client that offers none gets none.
 */
export const plainProtocol = "crossbus.plain";
