// Why a file cannot be read, in one line for an operator.

/** One line: the file, what is wrong with it, what to do. */
export function fileTrouble(file: string, error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `${file}: there is no such file; check the path`;
    case 'EACCES':
    case 'EPERM':
      return `${file}: not allowed to read it; give the process's user the right to, or run this as root`;
    case 'EISDIR':
      return `${file}: this is a folder; write the path of a file instead`;
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return `${file}: the text is not UTF-8; save it as UTF-8`;
    default:
      return `${file}: it cannot be read (${typeof code === 'string' ? code : 'unknown trouble'})`;
  }
}
