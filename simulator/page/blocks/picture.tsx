import type { ImageBlock, ImageElement } from '@slack/types';
import { plainText } from '../text.tsx';

/** An image element, such as the one beside a section. */
export function Picture({ image, className }: { image: ImageElement; className: string }) {
  return <img className={className} src={pictureUrl(image)} alt={image.alt_text} />;
}

/** An image block: its title and the picture, which opens by itself. */
export function ImageView({ block }: { block: ImageBlock }) {
  const url = pictureUrl(block);
  return (
    <figure className="image">
      {block.title !== undefined && <figcaption>{plainText(block.title)}</figcaption>}
      <a href={url} target="_blank" rel="noopener noreferrer">
        <img src={url} alt={block.alt_text} />
      </a>
    </figure>
  );
}

/** The simulator adds image_url to images that name a slack_file. */
function pictureUrl(image: object): string {
  if ('image_url' in image && typeof image.image_url === 'string') return image.image_url;
  throw new Error('its file cannot be shown');
}
