#include "tha4/data/replay.h"

#include <algorithm>
#include <random>
#include <vector>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {

Replay::Replay(const PictureView& view, std::int64_t capacity, c10::Device device)
    : view_(view), capacity_(capacity), device_(device) {
  if (capacity < 1) throw InputError("a replay must hold at least one triple");
}

/// Makes room for \p needed triples such as \p like: twice as many each time, so that little is copied.
void Replay::grow(std::int64_t needed, const std::vector<at::Tensor>& like) {
  constexpr std::int64_t kFirst = 256;
  const std::int64_t present = kept_.empty() ? 0 : kept_.front().size(0);
  if (needed <= present) return;
  const std::int64_t wanted = std::min(capacity_, std::max({needed, 2 * present, kFirst}));
  std::vector<at::Tensor> larger;
  for (std::size_t i = 0; i < like.size(); ++i) {
    std::vector<std::int64_t> sizes = like[i].sizes().vec();
    sizes.front() = wanted;
    larger.push_back(torch::empty(sizes, like[i].options()));
    if (size_ > 0) larger[i].narrow(0, 0, size_).copy_(kept_[i].narrow(0, 0, size_));
  }
  kept_ = larger;
}

void Replay::add(const PackedTriples& whole) {
  const std::vector<at::Tensor> tensors = tensors_of(seen(whole, view_, device_));
  if (!kept_.empty() && tensors.size() != kept_.size()) {
    throw Error("a replay holds triples with their motion or without, not both");
  }
  grow(std::min(capacity_, size_ + whole.count()), tensors);
  for (std::int64_t done = 0; done < whole.count();) {
    const std::int64_t place = added_ % capacity_;
    const std::int64_t count = std::min(whole.count() - done, capacity_ - place);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      kept_[i].narrow(0, place, count).copy_(tensors[i].narrow(0, done, count));
    }
    size_ = std::max(size_, place + count);
    added_ += count;
    done += count;
  }
}

PackedTriples Replay::draw(std::uint64_t seed, int count) const {
  if (size_ == 0) throw Error("nothing can be drawn from an empty replay");
  std::mt19937_64 generator(seed);
  std::vector<std::int64_t> places(static_cast<std::size_t>(count));
  for (std::int64_t& place : places) {
    place =
        std::min(static_cast<std::int64_t>(uniform_unit(generator) * static_cast<double>(size_)), size_ - 1);
  }
  const at::Tensor indices = torch::tensor(places, torch::kLong).to(device_, /*non_blocking=*/true);
  std::vector<at::Tensor> drawn;
  for (const at::Tensor& kept : kept_) drawn.push_back(kept.index_select(0, indices));
  return packed_triples(drawn);
}

}  // namespace tha4
