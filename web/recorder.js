// A recording: microphone, level, and the file.

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

/** Whether this browser can record here; pages without HTTPS cannot, but for this machine's. */
export function canRecord() {
  return Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
}

/**
 * Starts a recording, and calls `onLevel` (0 to 1) while it lasts. `stop` returns the file,
 * `cancel` drops it.
 */
export async function record(onLevel) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const release = () => stream.getTracks().forEach((track) => track.stop());
  try {
    return start(stream, onLevel, release);
  } catch (error) {
    // Or the microphone would stay on.
    release();
    throw error;
  }
}

function start(stream, onLevel, release) {
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
  const parts = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  recorder.start(1000);
  const stopMeter = meter(stream, onLevel);
  const end = () =>
    new Promise((resolve) => {
      recorder.addEventListener("stop", resolve, { once: true });
      if (recorder.state === "inactive") resolve();
      else recorder.stop();
    }).finally(() => {
      stopMeter();
      release();
    });
  return {
    async stop() {
      await end();
      return new Blob(parts, { type: recorder.mimeType });
    },
    cancel: end,
  };
}

/** Measures the level of a stream until the returned function is called. */
function meter(stream, onLevel) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // From -60 dB to 0 dB.
    onLevel(Math.min(1, Math.max(0, 1 + Math.log10(power + 1e-9) / 6)));
  }, 80);
  return () => {
    clearInterval(timer);
    context.close();
  };
}
