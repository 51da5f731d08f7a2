// All texts of the page: English and Chinese, by the browser's language.

const TEXTS = {
  accountTitle: ["Account", "账户"],
  actionPlan: ["Action plan", "行动计划"],
  answering: ["The coach is thinking …", "教练正在思考……"],
  automatic: ["As I speak", "随我说的语言"],
  available: ["available", "可用"],
  begin: ["Begin a session", "开始对话"],
  beginNew: ["Begin a new session", "开始新的对话"],
  beginText: [
    "Say what is on your mind. The coach asks one good question at a time, and sums up in the end.",
    "说说你心里的事。教练一次只问一个好问题，最后为你总结。"],
  beginTitle: ["What would you like to talk about?", "今天想聊点什么？"],
  browserOnly: ["These conversations were begun in this browser without an account.",
    "这些对话是在此浏览器中未登录时开始的。"],
  busy: ["Your reply is still on its way. Please wait.", "回复还在路上，请稍候。"],
  cancel: ["Cancel", "取消"],
  changePassword: ["Change password", "修改密码"],
  claim: ["Add them to my account", "加入我的账户"],
  claimed: ["Added {n} conversations to your account.", "已将 {n} 个对话加入你的账户。"],
  coach: ["Coach", "教练"],
  connectionLost: ["The connection was lost.", "连接已断开。"],
  continueSession: ["Continue", "继续"],
  conversation: ["Conversation", "对话"],
  database: ["Database", "数据库"],
  dateFrom: ["From", "从"],
  dateTo: ["To", "到"],
  delete: ["Delete", "删除"],
  deleted: ["The conversation is deleted.", "对话已删除。"],
  deleteText: ["All its messages are deleted for good. This cannot be undone.",
    "其中所有消息将被永久删除，无法撤销。"],
  deleteTitle: ["Delete this conversation?", "删除这个对话？"],
  downloadNdjson: ["Download as NDJSON", "下载为 NDJSON"],
  downloadText: ["Download as text", "下载为文本"],
  email: ["E-mail address", "电子邮箱"],
  emptyHere: ["Nothing has been said here yet.", "这里还没有内容。"],
  ended: ["ended", "已结束"],
  endSession: ["End session", "结束对话"],
  endsOn: ["ends on {date}", "{date} 停用"],
  erase: ["Erase", "清除"],
  erased: [
    "Erased: {sessions} conversations, {messages} messages, {audio} sounds, "
      + "{storedAnswers} stored responses, {memory}and the account.",
    "已清除：{sessions} 个对话、{messages} 条消息、{audio} 段声音、"
      + "{storedAnswers} 条已存响应{memory}以及账户。",
  ],
  erasedMemory: ["the memory, ", "、记忆"],
  erasedTitle: ["Receipt", "清除凭据"],
  eraseText: [
    "Your account and all your conversations are deleted for good. This cannot be undone.",
    "你的账户和所有对话将被永久删除，无法撤销。"],
  eraseTitle: ["Erase your account and all data?", "清除账户和全部数据？"],
  export: ["Download my data", "下载我的数据"],
  failed: ["Something went wrong.", "出了点问题。"],
  feedback: ["What was good, what was missing?", "哪里好？还缺什么？"],
  feedbackSaved: ["Thank you. Your feedback is saved.", "谢谢，你的反馈已保存。"],
  finalNote: ["Final note", "结语"],
  goOn: ["Go on", "继续聊"],
  guest: ["You are a guest. Add an e-mail address and a password to keep your conversations.",
    "你现在是访客。添加邮箱和密码即可保留你的对话。"],
  guestSignOutText: [
    "A guest cannot sign in again: your conversations could not be reached any more.",
    "访客无法再次登录：你的对话将无法再打开。"],
  guestSignOutTitle: ["Sign out for good?", "永久退出？"],
  hear: ["Play", "播放"],
  keepAccount: ["Keep my account", "保留账户"],
  keyDiscussionPoints: ["Key discussion points", "讨论要点"],
  keyHint: [
    "For the operator: enter the server's secret key. It stays in memory.",
    "仅限管理员：请输入服务器密钥，它只保存在内存中。"],
  language: ["Language", "语言"],
  lastRecording: ["Your last recording was sent. Its reply will appear here.",
    "你的上一段录音已发送，回复会显示在这里。"],
  loading: ["Loading …", "正在加载……"],
  lookBack: ["Look back", "回顾"],
  mainBreakthroughs: ["Main breakthroughs", "主要突破"],
  maxReached: ["The recording has reached its greatest length and is sent.",
    "录音已达最大长度，正在发送。"],
  memory: ["Memory", "记忆"],
  memoryOff: ["Forget and turn off", "清除并关闭"],
  memoryOffText: ["The coach forgets what it has noted about you, and notes nothing more.",
    "教练会忘记对你的记录，以后也不再记录。"],
  memoryOffTitle: ["Turn the memory off?", "关闭记忆？"],
  memoryOn: ["The coach remembers me from session to session", "教练在各次对话之间记住我"],
  memorySave: ["Save memory", "保存记忆"],
  memorySaved: ["The memory is saved.", "记忆已保存。"],
  memoryText: ["What the coach remembers", "教练记住的内容"],
  memoryUpdated: ["From {n} sessions, last changed {date}", "来自 {n} 次对话，上次更新 {date}"],
  messages: ["{n} messages", "{n} 条消息"],
  minutes: ["{n} min", "{n} 分钟"],
  models: ["Models", "模型"],
  more: ["Show more", "显示更多"],
  needsSecure: ["This browser can record only over HTTPS or on this machine. You can type.",
    "此浏览器仅能通过 HTTPS 或在本机上录音。你可以打字。"],
  newPassword: ["New password", "新密码"],
  noDate: ["no last day known", "未知停用日期"],
  noHits: ["Nothing was found.", "没有找到。"],
  noMicrophone: ["No microphone was found. You can type.", "没有找到麦克风。你可以打字。"],
  noSessions: ["No conversations yet. They appear here once you have begun one.",
    "还没有对话。开始后会显示在这里。"],
  noSpeech: ["Speech is not set up on this server. You can type.",
    "此服务器未设置语音功能。你可以打字。"],
  notAvailable: ["not available", "不可用"],
  notFound: ["There is no such page.", "没有这个页面。"],
  notSent: ["This was not sent.", "未能发送。"],
  notReady: ["not ready: {problem}", "未就绪：{problem}"],
  password: ["Password", "密码"],
  passwordChanged: ["The password is changed. Other devices are signed out.",
    "密码已修改，其他设备已退出。"],
  passwordHint: ["At least 6 characters", "至少 6 个字符"],
  rate: ["How was it?", "这次对话怎么样？"],
  rated: ["Thank you. {n} of 5 stars are saved.", "谢谢，已保存 {n} 颗星。"],
  ratingFilter: ["Stars at least", "最低评分"],
  any: ["Any", "不限"],
  ready: ["ready", "就绪"],
  record: ["Record", "录音"],
  recordHint: ["Press the space bar to record, and again to send.", "按空格键开始录音，再按一次发送。"],
  recording: ["Recording", "正在录音"],
  reload: ["Reload", "重新加载"],
  results: ["{n} found", "找到 {n} 条"],
  resultsMore: ["More than {n} found", "找到超过 {n} 条"],
  retrying: ["Trying again …", "正在重试……"],
  running: ["active", "进行中"],
  save: ["Save", "保存"],
  search: ["Search", "搜索"],
  searchHint: ["Words that were said", "说过的话"],
  send: ["Send", "发送"],
  sendFeedback: ["Send feedback", "发送反馈"],
  sender: ["Said by", "说话人"],
  serviceKey: ["Secret key", "密钥"],
  showStatus: ["Show status", "查看状态"],
  signIn: ["Sign in", "登录"],
  signedInAs: ["Signed in as {email}", "已登录：{email}"],
  signOut: ["Sign out", "退出登录"],
  signUp: ["Sign up", "注册"],
  confirmEmail: ["Please open the link in the e-mail that was sent to you, then sign in.",
    "请打开发给你的邮件中的链接，然后登录。"],
  asGuest: ["Continue as a guest", "以访客身份继续"],
  skip: ["Skip to content", "跳到正文"],
  soundFailed: ["The reply could not be played.", "无法播放回复。"],
  speechToText: ["Speech to text", "语音识别"],
  star: ["1 star", "1 颗星"],
  stars: ["{n} stars", "{n} 颗星"],
  status: ["Status", "状态"],
  stop: ["Stop", "停止"],
  stopSound: ["Stop sound", "停止播放"],
  summary: ["Summary", "总结"],
  talk: ["Talk", "对话"],
  textToSpeech: ["Text to speech", "语音合成"],
  transcribing: ["Listening to your recording …", "正在听你的录音……"],
  tryAgain: ["Try again", "重试"],
  type: ["Type a message", "输入消息"],
  version: ["Version", "版本"],
  views: ["Views", "页面"],
  wrapUp: ["Shall we wrap up?", "要结束并总结吗？"],
  yes: ["Yes", "好的"],
  you: ["You", "你"],
  microphoneBlocked: ["The microphone is blocked. Allow it in the browser's address bar, or type.",
    "麦克风被阻止。请在浏览器地址栏中允许使用，或打字。"],
};

const EXISTS = ["There is an account with this address.", "此邮箱已注册。"];
const UNAVAILABLE = ["The service is not available just now.", "服务暂时不可用。"];

/** Texts of errors whose status is not 200: the server's are in English, for developers. */
const ERRORS = {
  invalid_credentials: ["E-mail address or password is wrong.", "邮箱或密码错误。"],
  user_already_exists: EXISTS,
  email_exists: EXISTS,
  weak_password: TEXTS.passwordHint,
  same_password: ["This is the present password.", "新密码与当前密码相同。"],
  email_address_invalid: ["This is no e-mail address.", "邮箱地址无效。"],
  TOO_MANY_REQUESTS: ["Too many requests. Please wait.", "请求过多，请稍候。"],
  OVERLOADED: ["The server is busy.", "服务器繁忙。"],
  ACCOUNTS_UNAVAILABLE: UNAVAILABLE,
  DATABASE_UNAVAILABLE: UNAVAILABLE,
  DISK_FULL: UNAVAILABLE,
  KEYS_UNAVAILABLE: UNAVAILABLE,
  INTERNAL: TEXTS.failed,
  BODY_TOO_LARGE: ["This is too large.", "内容过大。"],
  IDEMPOTENCY_KEY_IN_USE: TEXTS.busy,
  REQUEST_TIMEOUT: TEXTS.connectionLost,
  SHUTTING_DOWN: UNAVAILABLE,
  TOKEN_NEEDED: ["Please sign in first.", "请先登录。"],
  BAD_TOKEN: ["Please sign in again.", "请重新登录。"],
  FORBIDDEN: ["You may not see this.", "你无权查看。"],
  SESSION_NOT_FOUND: ["This conversation does not exist any more.", "这个对话已不存在。"],
};

/** Words for yes and no in the languages in which the server understands them. */
const ANSWERS = {
  en: ["Yes", "No"], zh: ["好的", "不"], ja: ["はい", "いいえ"], ko: ["네", "아니요"],
  de: ["Ja", "Nein"], fr: ["Oui", "Non"], es: ["Sí", "No"], pt: ["Sim", "Não"],
  it: ["Sì", "No"], ru: ["Да", "Нет"],
};

/** Languages a session can be begun in, by their own names. */
export const LANGUAGES = {
  en: "English", zh: "中文", ja: "日本語", ko: "한국어", de: "Deutsch", fr: "Français",
  es: "Español", pt: "Português", it: "Italiano", ru: "Русский",
};

const isChinese = navigator.language.toLowerCase().startsWith("zh");

/** The page's language. */
export const language = isChinese ? "zh" : "en";

/** A text, with `{name}` replaced by the value of that name. */
export function t(key, values = {}) {
  const text = TEXTS[key][isChinese ? 1 : 0];
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** The text of an error: this page's for known codes, or else the server's. */
export function errorText(code, text) {
  return ERRORS[code]?.[isChinese ? 1 : 0] || text || t("failed");
}

/** What to say to a yes-or-no question in a session of this language. */
export function answerWords(sessionLanguage) {
  const [yes, no] = ANSWERS[sessionLanguage] ?? ANSWERS.en;
  return { yes, no };
}

/** The number of stars in words. */
export function starsText(n) {
  return n === 1 ? t("star") : t("stars", { n });
}

function formatter(options) {
  const { format } = new Intl.DateTimeFormat(navigator.language, options);
  return (timestamp) => format(new Date(timestamp));
}

export const formatTime = formatter({ dateStyle: "medium", timeStyle: "short" });

/** The time without the day. */
export const formatClock = formatter({ timeStyle: "short" });

/** Minutes and seconds. */
export function formatElapsed(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
