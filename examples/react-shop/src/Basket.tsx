import { useTelemetry } from 'beaconry/react';
import { useState } from 'react';
import type { Product } from './products';

export function Basket({ products, onPaid }: { products: readonly Product[]; onPaid: () => void }) {
  const telemetry = useTelemetry();
  const [voucher, setVoucher] = useState<string>();
  const total = products.reduce((sum, { price }) => sum + price, 0);
  // The bug of this shop, for the telemetry to see: it knows no voucher.
  if (voucher !== undefined) throw new RangeError('no such voucher');

  function pay() {
    telemetry.event('order_paid', { items: products.length });
    telemetry.metric('order_total', total, { currency: 'EUR' });
    onPaid();
  }

  return (
    <aside className="basket" aria-label="Your basket">
      <h2>Your basket</h2>
      {products.length === 0 ? <p>Nothing in it yet.</p> : null}
      <ol>
        {products.map((product, at) => (
          <li key={at}>
            <span>{product.name}</span>
            <span>€{product.price}</span>
          </li>
        ))}
      </ol>
      <p className="total">Total <strong>€{total}</strong></p>
      <button type="button" data-testid="pay" disabled={products.length === 0} onClick={pay}>Pay</button>
      <button type="button" className="quiet" data-testid="break" onClick={() => setVoucher('SUMMER')}>
        Use a voucher (breaks)
      </button>
    </aside>
  );
}
