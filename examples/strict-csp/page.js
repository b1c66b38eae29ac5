const said = document.querySelector('#said');

document.querySelector('#order').addEventListener('click', () => {
  beaconry.event('order_placed', { items: 2 });
  said.textContent = 'ordered';
});

document.querySelector('#break').addEventListener('click', () => {
  said.textContent = 'broken';
  throw new TypeError('the shop is closed');
});
