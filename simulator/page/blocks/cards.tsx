import type { AlertBlock, CardBlock, CarouselBlock, ContainerBlock } from '@slack/types';
import { type ReactNode, useId } from 'react';
import { LibraryBlock, plainText, TextView } from '../text.tsx';
import { ElementView } from './element.tsx';
import { Picture } from './picture.tsx';

/** A banner; its level is said in words too. */
export function AlertView({ block }: { block: AlertBlock }) {
  const level = block.level ?? 'default';
  return (
    <div className={`alert ${level}`} role="note" aria-label={level === 'default' ? 'Note' : level}>
      <TextView text={block.text} />
    </div>
  );
}

/** A picture, some text and buttons in a frame. */
export function CardView({ block }: { block: CardBlock }) {
  return (
    <div className="card">
      {block.hero_image !== undefined && <Picture image={block.hero_image} className="card-hero" />}
      <div className="card-body">
        {block.icon !== undefined && <Picture image={block.icon} className="context-image" />}
        {block.title !== undefined && (
          <div className="card-title">
            <TextView text={block.title} />
          </div>
        )}
        {block.subtitle !== undefined && (
          <div className="context">
            <TextView text={block.subtitle} />
          </div>
        )}
        {block.body !== undefined && <TextView text={block.body} />}
        {block.actions !== undefined && (
          <div className="actions">
            {block.actions.map((button) => (
              <ElementView key={button.action_id} element={button} blockId={block.block_id ?? ''} dispatches />
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

/** Cards side by side; it scrolls. */
export function CarouselView({ block }: { block: CarouselBlock }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="carousel" aria-label="Cards" tabIndex={0}>
      {block.elements.map((card, index) => (
        <CardView key={card.block_id ?? index} block={card} />
      ))}
    </section>
  );
}

/** A frame around other blocks, which can be folded where the bot says so. */
export function ContainerView({ block, children }: { block: ContainerBlock; children: ReactNode }) {
  const id = useId();
  const title = (
    <>
      {block.title !== undefined && plainText(block.title)}
      {block.rich_text_title !== undefined && <LibraryBlock block={block.rich_text_title} />}
    </>
  );
  const subtitle = block.subtitle !== undefined && (
    <div className="context">
      <TextView text={block.subtitle} />
    </div>
  );
  if (block.is_collapsible === true) {
    return (
      <details className="container" open={block.default_collapsed !== true}>
        <summary>{title}</summary>
        {subtitle}
        {children}
      </details>
    );
  }
  return (
    <section className="container" aria-labelledby={id}>
      <div className="card-title" id={id}>
        {title}
      </div>
      {subtitle}
      {children}
    </section>
  );
}
