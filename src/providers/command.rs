//! Local programs that listen or speak: whisper.cpp, pocketsphinx, espeak-ng, piper, …
//!
//! They run without a shell, one after another (see [`Pipeline`]), in a folder of their own that is removed afterwards.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::{process::Command, time::timeout};

use super::{ProviderError, SpeechToText, TextToSpeech, circuit_breaker::CircuitBreaker};
use crate::{domain::AudioFormat, settings::Pipeline};

const VENDOR: &str = "command";

pub struct CommandSpeechToText(Runner);

pub struct CommandTextToSpeech(Runner);

struct Runner {
    pipeline: Pipeline,
    work_dir: PathBuf,
    patience: Duration,
    breaker: CircuitBreaker,
}

impl Pipeline {
    /// The programs' names, for people.
    pub(super) fn names(&self) -> String {
        let names: Vec<&str> = self
            .0
            .iter()
            .filter_map(|program| Path::new(program.first()?).file_name()?.to_str())
            .collect();
        names.join(", ")
    }
}

impl CommandSpeechToText {
    pub fn new(pipeline: &Pipeline, work_dir: &Path, timeout_seconds: u64) -> Self {
        Self(Runner::new(pipeline, work_dir, timeout_seconds))
    }
}

#[async_trait]
impl SpeechToText for CommandSpeechToText {
    async fn transcribe(
        &self,
        audio: &Path,
        _format: AudioFormat,
    ) -> Result<String, ProviderError> {
        let folder = self.0.folder()?;
        let output = self.0.run(audio, folder.path(), "txt").await?;
        let bytes = tokio::fs::read(output).await.map_err(local)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl CommandTextToSpeech {
    pub fn new(pipeline: &Pipeline, work_dir: &Path, timeout_seconds: u64) -> Self {
        Self(Runner::new(pipeline, work_dir, timeout_seconds))
    }
}

#[async_trait]
impl TextToSpeech for CommandTextToSpeech {
    async fn synthesize(&self, text: &str) -> Result<Bytes, ProviderError> {
        let folder = self.0.folder()?;
        let input = folder.path().join("input.txt");
        tokio::fs::write(&input, text).await.map_err(local)?;
        let output = self.0.run(&input, folder.path(), "mp3").await?;
        let bytes = tokio::fs::read(&output).await.map_err(local)?;
        if AudioFormat::sniff(&bytes) != Some(AudioFormat::Mp3) {
            return Err(ProviderError::Unusable {
                vendor: VENDOR,
                what: "something else than MP3",
            });
        }
        Ok(bytes.into())
    }
}

impl Runner {
    fn new(pipeline: &Pipeline, work_dir: &Path, timeout_seconds: u64) -> Self {
        Self {
            pipeline: pipeline.clone(),
            work_dir: work_dir.to_owned(),
            patience: Duration::from_secs(timeout_seconds),
            breaker: CircuitBreaker::default(),
        }
    }

    /// A folder that goes with its value, also when the turn is given up.
    fn folder(&self) -> Result<tempfile::TempDir, ProviderError> {
        tempfile::Builder::new()
            .prefix("command-")
            .tempdir_in(&self.work_dir)
            .map_err(local)
    }

    /// Runs all programs within the stage's time and returns the last one's output, whose name ends in `extension`.
    async fn run(
        &self,
        input: &Path,
        folder: &Path,
        extension: &str,
    ) -> Result<PathBuf, ProviderError> {
        let steps = async {
            let mut input = input.to_owned();
            let last = self.pipeline.0.len() - 1;
            for (index, program) in self.pipeline.0.iter().enumerate() {
                // Programs such as ffmpeg choose the format by the name; between two programs it is sound.
                let extension = if index == last { extension } else { "wav" };
                let output = folder.join(format!("output-{index}.{extension}"));
                step(program, &input, &output).await?;
                input = output;
            }
            Ok(input)
        };
        let bounded = async {
            timeout(self.patience, steps).await.unwrap_or_else(|_| {
                Err(ProviderError::Unavailable {
                    vendor: VENDOR,
                    reason: format!("not done within {} s", self.patience.as_secs()),
                })
            })
        };
        self.breaker.call(VENDOR, bounded).await
    }
}

async fn step(program: &[String], input: &Path, output: &Path) -> Result<(), ProviderError> {
    let fill = |argument: &String| {
        argument
            .replace("{input}", &input.to_string_lossy())
            .replace("{output}", &output.to_string_lossy())
    };
    let writes_file = program.iter().any(|argument| argument.contains("{output}"));
    let stdout = if writes_file {
        Stdio::null()
    } else {
        Stdio::from(std::fs::File::create(output).map_err(local)?)
    };
    let status = Command::new(fill(&program[0]))
        .args(program[1..].iter().map(fill))
        // They are no concern of a program that only handles sound.
        .env_remove("DATABASE_URL")
        .env_remove("OPENAI_API_KEY")
        .stdin(Stdio::null())
        .stdout(stdout)
        // Its messages may hold what was said.
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(local)?;
    if status.success() {
        return Ok(());
    }
    Err(ProviderError::Refused {
        vendor: VENDOR,
        status: status.code().unwrap_or(-1),
    })
}

fn local(error: std::io::Error) -> ProviderError {
    ProviderError::Unavailable {
        vendor: VENDOR,
        reason: error.to_string(),
    }
}
