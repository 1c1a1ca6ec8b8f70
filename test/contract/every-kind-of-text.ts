/** Text that has broken some store, queue or socket before. */
export const EVERY_KIND_OF_TEXT: readonly string[] = [
  'plain',
  '',
  'Grüße, ça va? Привет, γειά, שלום, مرحبا, नमस्ते, 你好, こんにちは, 안녕, ภาษาไทย',
  '👩‍👩‍👧‍👦 🇺🇳 𝒳 e\u0301 \u200d\u202e',
  '<gcm xmlns="google:mobile:data">]]>&amp;&#0;</gcm>',
  '"quotes" \\ back\\slashes \n\r\t\b\f',
  '\u0000\u0001\u001f\u007f\ufffe\uffff',
  '{{projectId}} ${x} %s %00 ../..',
  'x'.repeat(3000),
];
