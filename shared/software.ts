// The name by which the two halves greet each other and by which they are installed.

/** The version of the product; the same in every package.json of the repository, held together by a test. */
export const version = '0.1.0';
