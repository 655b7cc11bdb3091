/** A product's images: links in an order, one of them primary. */
import type { Id } from '../../contracts/common.ts';
import type { Image, ProductRejection } from '../../contracts/products.ts';

export const MOST_IMAGES = 100;

/** Images after a change, or why not. */
export type Changed =
  | { readonly images: readonly Image[]; readonly refusal?: undefined }
  | { readonly refusal: ProductRejection };

/** Exactly one is primary, if there is any: the one that is named, else the first that claims it, else the first. */
export const withPrimary = (images: readonly Image[], primaryId?: Id): Image[] => {
  const named = images.find(({ imageId }) => imageId === primaryId) ?? images.find(({ primary }) => primary);
  const chosen = named ?? images[0];
  return images.map((image) => ({ ...image, primary: image === chosen }));
};

export const added = (images: readonly Image[], image: Image, position = images.length): Changed => {
  if (images.length >= MOST_IMAGES) return { refusal: { type: 'TooManyImages', most: MOST_IMAGES } };
  const primaryId = image.primary ? image.imageId : undefined;
  return { images: withPrimary([...images.slice(0, position), image, ...images.slice(position)], primaryId) };
};

export const removed = (images: readonly Image[], imageId: Id): Changed => {
  const left = images.filter((image) => image.imageId !== imageId);
  if (left.length === images.length) return { refusal: { type: 'UnknownImage', imageId } };
  return { images: withPrimary(left) };
};

export const reordered = (images: readonly Image[], imageIds: readonly Id[], primaryId?: Id): Changed => {
  const byId = new Map(images.map((image) => [image.imageId, image]));
  const wanted = new Set(imageIds);
  const unknown = [...wanted].filter((id) => !byId.has(id));
  const missing = [...byId.keys()].filter((id) => !wanted.has(id));
  if (unknown.length + missing.length > 0 || wanted.size < imageIds.length)
    return { refusal: { type: 'OtherImages', missing, unknown } };
  if (primaryId !== undefined && !byId.has(primaryId)) return { refusal: { type: 'UnknownImage', imageId: primaryId } };
  return {
    images: withPrimary(
      imageIds.map((id) => byId.get(id)!),
      primaryId,
    ),
  };
};

const looks = ({ url, alt, type, primary }: Image): string => JSON.stringify([url, alt, type, primary]);

/** These images instead of those; an address stands once, and keeps its id, so that nothing moves that did not change. */
export const replaced = (images: readonly Image[], next: readonly Image[]): Image[] => {
  const known = new Map(images.map((image) => [image.url, image.imageId]));
  const byUrl = new Map(next.map((image) => [image.url, { ...image, imageId: known.get(image.url) ?? image.imageId }]));
  return withPrimary([...byUrl.values()]);
};

export const sameImages = (a: readonly Image[], b: readonly Image[]): boolean =>
  a.map(({ imageId }) => imageId).join() === b.map(({ imageId }) => imageId).join() &&
  a.map(looks).join() === b.map(looks).join();
