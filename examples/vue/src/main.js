import { fromEnv, telemetry } from 'beaconry';
import { beaconry } from 'beaconry/vue';
import { createApp } from 'vue';
import App from './App.vue';

const config = { ...fromEnv(import.meta.env), app: 'vue' };

createApp(App).use(beaconry, { client: telemetry, config }).mount('#app');
