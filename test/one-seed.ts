// Property tests draw from one seed in `npm test`, so that a run says something about the change and not about luck.
// `SEED=random npm test` explores; whatever it finds becomes a test of its own.
import fc from 'fast-check';

if (process.env.SEED !== 'random')
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.SEED ?? 20_261_122) });
