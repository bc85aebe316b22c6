#include "probes/mail/imap_search.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace mxswitch::probes {
namespace {

constexpr std::size_t kAnswerLimit = 64u << 10;

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

std::size_t collect(char* data, std::size_t size, std::size_t count, void* target) {
  auto& answer = *static_cast<std::string*>(target);
  if (answer.size() + size * count > kAnswerLimit) return 0;
  answer.append(data, size * count);
  return size * count;
}

bool is_plain(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
  });
}

// "* SEARCH 3 4": anything after the word is the number of a message (RFC 9051 section 7.3.4).
bool names_a_message(const std::string& answer) {
  const auto at = answer.find("SEARCH");
  return at != std::string::npos && answer.find_first_of("0123456789", at) != std::string::npos;
}

}  // namespace

Result<bool> imap_has_message(const ImapMailbox& mailbox, const std::string& field,
                              const std::string& text, Duration timeout) {
  if (!is_plain(field) || !is_plain(text)) {
    return fail(Fault::internal, "a search that IMAP can't carry", mailbox.server);
  }
  const Easy curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return fail(Fault::internal, "libcurl did not start", mailbox.server);
  std::string answer;
  const std::string url = "imap://" + mailbox.server + "/INBOX";
  const std::string request = fmt::format("SEARCH HEADER {} \"{}\"", field, text);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "imap");
  curl_easy_setopt(curl.get(), CURLOPT_USERNAME, mailbox.user.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, mailbox.password.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, request.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_USE_SSL,
                   static_cast<long>(mailbox.starttls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
  if (!mailbox.starttls) curl_easy_setopt(curl.get(), CURLOPT_SSL_VERIFYPEER, 0L);
  if (!mailbox.starttls) curl_easy_setopt(curl.get(), CURLOPT_SSL_VERIFYHOST, 0L);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) {
    return fail(Fault::unavailable,
                fmt::format("the probe mailbox can't be read: {}", curl_easy_strerror(code)),
                mailbox.server, "check [relay.probe_mailbox] in mxswitch.toml");
  }
  return names_a_message(answer);
}

}  // namespace mxswitch::probes
