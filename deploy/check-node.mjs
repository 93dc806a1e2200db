// Ends with a sentence where Node is too old to run TypeScript; plain JavaScript, so that an old Node can say it.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(
    `This is Node ${process.versions.node} on ${process.platform} ${process.arch}; Sallyport needs Node 24.12 or later.`,
  );
  console.error(
    'On x86-64 Linux `npm ci` brings it along. Elsewhere install Node 24 from https://nodejs.org and try again.',
  );
  process.exitCode = 1;
}
