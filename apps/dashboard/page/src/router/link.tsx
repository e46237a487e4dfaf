import type { ComponentPropsWithoutRef, MouseEvent } from 'react';
import { hrefOf, navigate } from './location.js';

type LinkProps = Omit<ComponentPropsWithoutRef<'a'>, 'href'> & { readonly to: string };

/** A link to a place of the page, which opens without loading anything; elsewhere on a click with a modifier. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const open = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!plain || event.defaultPrevented || (rest.target ?? '_self') !== '_self') return;
    event.preventDefault();
    navigate(to);
  };
  return <a {...rest} href={hrefOf(to)} onClick={open} />;
}
