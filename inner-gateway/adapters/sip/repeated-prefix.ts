// What leads a text that may have been delivered before (architecture §4.1, 4).

/** A process died, or a connection broke, after this text was sent and before we knew what became of it. */
export const repeatedPrefix = '[repeated] ';
