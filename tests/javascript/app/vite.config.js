export default {
  define: { global: 'globalThis' }, // for the Buffer of Amplify 5
  build: { target: 'esnext', minify: false, modulePreload: false },
}
