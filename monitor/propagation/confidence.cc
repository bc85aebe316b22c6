#include "monitor/propagation/confidence.h"

#include <cmath>

namespace mxswitch::monitor {
namespace {

constexpr double kMiss = 0.05;

// P(at most `successes` of n) at probability p, summed in logarithms: n may be thousands.
double binomial_at_most(int successes, int n, double p) {
  double sum = 0;
  for (int i = 0; i <= successes; ++i) {
    const double choose = std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0);
    sum += std::exp(choose + i * std::log(p) + (n - i) * std::log1p(-p));
  }
  return sum;
}

}  // namespace

std::optional<double> stale_share_upper(int sampled, int stale) {
  if (sampled <= 0) return std::nullopt;
  if (stale >= sampled) return 1.0;
  if (stale <= 0) return 1 - std::pow(kMiss, 1.0 / sampled);
  double low = static_cast<double>(stale) / sampled, high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (binomial_at_most(stale, sampled, middle) > kMiss ? low : high) = middle;
  }
  return high;
}

int samples_to_find_one(int caches, double confidence) {
  if (caches <= 1) return 1;
  const double missed = 1 - 1.0 / caches;
  return static_cast<int>(std::ceil(std::log(1 - confidence) / std::log(missed)));
}

}  // namespace mxswitch::monitor
