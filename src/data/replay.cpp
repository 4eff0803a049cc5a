#include "tha4/data/replay.h"

#include <algorithm>
#include <random>
#include <vector>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/pose/pose.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {

Replay::Replay(const PictureView& view, std::int64_t capacity, c10::Device device)
    : view_(view), capacity_(capacity), device_(device) {
  if (capacity < 1) throw InputError("a replay must hold at least one triple");
  grow(0);
}

/// Makes room for \p needed triples: twice as many each time, so that little is copied.
void Replay::grow(std::int64_t needed) {
  constexpr std::int64_t kFirst = 256;
  const std::int64_t present = kept_.poses.defined() ? kept_.count() : 0;
  if (present > 0 && needed <= present) return;
  const std::int64_t wanted = std::min(capacity_, std::max({needed, 2 * present, kFirst}));
  const std::int64_t side = view_.size();
  PackedTriples larger;
  larger.rest = torch::empty({wanted, side, side, 4}, torch::TensorOptions(torch::kUInt8).device(device_));
  larger.posed = torch::empty_like(larger.rest);
  larger.poses = torch::empty({wanted, kPoseSize}, torch::TensorOptions(torch::kFloat).device(device_));
  if (size_ > 0) {
    larger.rest.narrow(0, 0, size_).copy_(kept_.rest.narrow(0, 0, size_));
    larger.posed.narrow(0, 0, size_).copy_(kept_.posed.narrow(0, 0, size_));
    larger.poses.narrow(0, 0, size_).copy_(kept_.poses.narrow(0, 0, size_));
  }
  kept_ = larger;
}

void Replay::add(const PackedTriples& whole) {
  const PackedTriples triples = seen(whole, view_, device_);
  grow(std::min(capacity_, size_ + triples.count()));
  for (std::int64_t done = 0; done < triples.count();) {
    const std::int64_t place = added_ % capacity_;
    const std::int64_t count = std::min(triples.count() - done, capacity_ - place);
    kept_.rest.narrow(0, place, count).copy_(triples.rest.narrow(0, done, count));
    kept_.posed.narrow(0, place, count).copy_(triples.posed.narrow(0, done, count));
    kept_.poses.narrow(0, place, count).copy_(triples.poses.narrow(0, done, count));
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
  return {.rest = kept_.rest.index_select(0, indices),
          .posed = kept_.posed.index_select(0, indices),
          .poses = kept_.poses.index_select(0, indices)};
}

}  // namespace tha4
