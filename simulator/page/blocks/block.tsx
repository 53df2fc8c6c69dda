import type {
  ActionsBlock,
  AnyBlock,
  ContextActionsBlock,
  ContextBlock,
  HeaderBlock,
  InputBlock,
  KnownBlock,
  SectionBlock,
} from '@slack/types';
import { Component, type ReactNode, useId } from 'react';
import { Each } from '../each.tsx';
import { Icon } from '../icons.tsx';
import { LibraryBlock, plainText, TextView } from '../text.tsx';
import { AlertView, CardView, CarouselView, ContainerView } from './cards.tsx';
import { ElementView } from './element.tsx';
import { ImageView, Picture } from './picture.tsx';
import { useSurface } from './surface.tsx';
import { TableView } from './table.tsx';

/** Blocks one below the other; one that cannot be drawn leaves a box that says why and spares the rest. */
export function Blocks({ blocks }: { blocks: AnyBlock[] }) {
  return (
    <div className="blocks">
      <Each of={blocks}>
        {(block) => (
          <BlockBoundary block={block}>
            <BlockView block={block as KnownBlock} />
          </BlockBoundary>
        )}
      </Each>
    </div>
  );
}

function BlockView({ block }: { block: KnownBlock }) {
  switch (block.type) {
    case 'section':
      return <SectionView block={block} />;
    case 'header':
      return <HeaderView block={block} />;
    case 'context':
      return <ContextView block={block} />;
    case 'image':
      return <ImageView block={block} />;
    case 'actions':
    case 'context_actions':
      return <ActionsView block={block} />;
    case 'input':
      return <InputView block={block} />;
    case 'table':
    case 'data_table':
      return <TableView block={block} />;
    case 'alert':
      return <AlertView block={block} />;
    case 'card':
      return <CardView block={block} />;
    case 'carousel':
      return <CarouselView block={block} />;
    case 'container':
      return (
        <ContainerView block={block}>
          <Blocks blocks={block.child_blocks} />
        </ContainerView>
      );
    case 'divider':
    case 'rich_text':
    case 'markdown':
    case 'video':
    case 'file':
    case 'plan':
    case 'task_card':
      return <LibraryBlock block={block} />;
    default:
      throw new Error('this page does not know that type of block');
  }
}

function SectionView({ block }: { block: SectionBlock }) {
  const { text, fields, accessory } = block;
  const id = useId();
  if (text === undefined && fields === undefined) throw new Error('it has neither text nor fields');
  return (
    <div className="section">
      <div className="section-text">
        {text !== undefined && (
          <div id={id}>
            <TextView text={text} />
          </div>
        )}
        {fields !== undefined && (
          <div className="fields">
            <Each of={fields}>
              {(field) => (
                <div>
                  <TextView text={field} />
                </div>
              )}
            </Each>
          </div>
        )}
      </div>
      {accessory?.type === 'image' && <Picture image={accessory} className="thumbnail" />}
      {accessory !== undefined && accessory.type !== 'image' && (
        <div className="accessory">
          <ElementView
            element={accessory}
            blockId={block.block_id ?? ''}
            labelledBy={isChoice(accessory.type) && text !== undefined ? id : undefined}
            describedBy={isChoice(accessory.type) || text === undefined ? undefined : id}
            dispatches
          />
        </div>
      )}
    </div>
  );
}

function isChoice(type: string): boolean {
  return type === 'radio_buttons' || type === 'checkboxes';
}

function HeaderView({ block }: { block: HeaderBlock }) {
  return <h3 className="block-header">{plainText(block.text)}</h3>;
}

function ContextView({ block }: { block: ContextBlock }) {
  return (
    <div className="context">
      <Each of={block.elements}>
        {(element) =>
          element.type === 'image' ? <Picture image={element} className="context-image" /> : <TextView text={element} />
        }
      </Each>
    </div>
  );
}

function ActionsView({ block }: { block: ActionsBlock | ContextActionsBlock }) {
  return (
    <div className="actions">
      {block.elements.map((element, index) => (
        <ElementView
          key={('action_id' in element ? element.action_id : undefined) ?? index}
          element={element}
          blockId={block.block_id ?? ''}
          dispatches
        />
      ))}
    </div>
  );
}

function InputView({ block }: { block: InputBlock }) {
  const id = useId();
  const { errors } = useSurface();
  const error = errors[block.block_id ?? ''];
  const described = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className="input-block">
      <div className="input-label" id={id}>
        {plainText(block.label)}
        {block.optional === true && <span className="optional"> (optional)</span>}
      </div>
      <ElementView
        element={block.element}
        blockId={block.block_id ?? ''}
        labelledBy={id}
        describedBy={described === '' ? undefined : described}
        invalid={error !== undefined}
        dispatches={block.dispatch_action === true}
      />
      {error !== undefined && (
        <p className="field-error" id={`${id}-error`} role="alert">
          <Icon name="warning" size={14} /> {error}
        </p>
      )}
      {block.hint !== undefined && (
        <p className="hint" id={`${id}-hint`}>
          {plainText(block.hint)}
        </p>
      )}
    </div>
  );
}

type BoundaryProps = { block: AnyBlock; children: ReactNode };

/** React knows error boundaries only as classes. */
class BlockBoundary extends Component<BoundaryProps, { error: string | null }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error.message : String(error) };
  }

  override componentDidUpdate(before: BoundaryProps) {
    if (before.block !== this.props.block && this.state.error !== null) this.setState({ error: null });
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    const type = typeof this.props.block?.type === 'string' ? `“${this.props.block.type}”` : 'without a type';
    return (
      <p className="block-error" role="note">
        <Icon name="warning" size={16} /> A block {type} could not be drawn: {this.state.error}
      </p>
    );
  }
}
