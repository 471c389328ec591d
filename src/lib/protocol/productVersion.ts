/** Of server and agent alike: they are made from one tree. As in package.json. */
export const PRODUCT_VERSION = '0.1.0';
