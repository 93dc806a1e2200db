// A text in each of the channels in which rules look at it.
import { decode } from '@sallyport/shared/content/decode.ts';
import { canonicalOf, createFolder, skeletonOf, squeezedOf } from '@sallyport/shared/content/fold.ts';

export type View = { readonly channel: string; readonly text: string };

/** Canonical, skeleton and squeezed, and each text that stands in it in code, with the same channels of that. */
export function viewsOf(text: string, depth = 2): readonly View[] {
  const canonical = canonicalOf(text);
  const skeleton = skeletonOf(text);
  const own = [
    { channel: 'canonical', text: canonical },
    { channel: 'skeleton', text: skeleton === canonical ? '(the same)' : skeleton },
    { channel: 'squeezed', text: squeezedOf(text) },
  ];
  if (depth === 0) return own;
  const decoded = decode(text, createFolder()(text)).flatMap((inner) => [
    { channel: 'decoded', text: inner.text },
    ...viewsOf(inner.text, depth - 1).filter(({ channel }) => channel === 'decoded'),
  ]);
  return [...own, ...decoded];
}
