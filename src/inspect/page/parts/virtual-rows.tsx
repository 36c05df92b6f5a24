/** A list of which only the rows in sight are made: a hundred thousand cost no more than a screenful. */
import { useLayoutEffect, useRef, useState } from 'react';
import type { ComponentPropsWithoutRef, ReactNode } from 'react';

/** Rows made above and below what is in sight, so that scrolling finds them there. */
const MARGIN_ROWS = 6;

interface VirtualRowsProps extends ComponentPropsWithoutRef<'div'> {
  readonly count: number;
  readonly rowHeight: number;
  readonly renderRow: (index: number) => ReactNode;
  /** Stays at the end as rows come, unless somebody scrolls back. */
  readonly followsEnd?: boolean;
  /** A row that is to be in sight whenever it changes; null for none. */
  readonly seen?: number | null;
}

export function VirtualRows({ count, rowHeight, renderRow, followsEnd = false, seen = null, ...rest }: VirtualRowsProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ top: 0, height: 600, isAtEnd: true });
  const isFollowing = followsEnd && sight.isAtEnd;

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const look = (): void => setSight((before) => ({ ...before, top: element.scrollTop, height: element.clientHeight }));
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = count * rowHeight;
  }, [count, rowHeight, isFollowing]);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || seen === null || seen < 0) return;
    const top = seen * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top - rowHeight;
    else if (top + rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = top + 2 * rowHeight - element.clientHeight;
  }, [seen, rowHeight]);

  // Who follows the end is there already, though the browser has not scrolled yet.
  const top = isFollowing ? Math.max(0, count * rowHeight - sight.height) : sight.top;
  const first = Math.max(0, Math.floor(top / rowHeight) - MARGIN_ROWS);
  const last = Math.min(count, Math.ceil((top + sight.height) / rowHeight) + MARGIN_ROWS);
  const indexes = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  return (
    <div
      {...rest}
      ref={box}
      onScroll={({ currentTarget }) => {
        const { scrollTop, clientHeight, scrollHeight } = currentTarget;
        setSight({ top: scrollTop, height: clientHeight, isAtEnd: scrollTop + clientHeight >= scrollHeight - rowHeight });
      }}
    >
      <div className="virtual-all" role="presentation" style={{ height: count * rowHeight }}>
        {indexes.map((index) => (
          <div key={index} className="virtual-row" role="presentation" style={{ top: index * rowHeight, height: rowHeight }}>
            {renderRow(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
