#include "tha4/data/online_source.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ordered_workers.h"
#include "sequence_check.h"
#include "stable_hash.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/base/error.h"
#include "tha4/base/json_text.h"

namespace tha4 {
namespace {

/// One turn of a character: the poses of draw number `draw` of the whole sequence, from one on.
struct Turn {
  std::uint64_t draw = 0;
  int first_pose = 0;
};

/// What was drawn in a turn, or why the character cannot be used.
struct DrawnTurn {
  Turn turn;
  std::string character;
  std::vector<RgbaImage> rest;  ///< one for all poses, or as `posed`
  std::vector<Pose> poses;
  std::vector<RgbaImage> posed;        ///< of the poses from `turn.first_pose` on
  std::vector<PictureMotion> motions;  ///< of `posed`, if they are wanted
  std::string problem;
};

void check_online(const SourceOptions& options) {
  check_share(options.share);
  if (options.poses_per_character < 1 || options.characters_at_once < 1 || options.threads < 1) {
    throw InputError("an online source needs at least one pose a character, one character and one thread");
  }
  if (options.motion && options.step != PoseStep::body) {
    throw InputError("the motion of surfaces is known in the step 'body' alone");
  }
  if (!(options.test_fraction >= 0 && options.test_fraction <= 1)) {
    throw InputError("the fraction of test characters must be within 0 to 1");
  }
}

std::vector<std::uint64_t> characters_of(const CharacterSet& characters, Split split, double test_fraction) {
  std::vector<std::uint64_t> members;
  for (std::uint64_t i = 0; i < characters.size(); ++i) {
    if (split_of(characters.id(i), test_fraction) == split) members.push_back(i);
  }
  if (members.empty()) {
    throw InputError("none of the " + std::to_string(characters.size()) + " characters is of the split " +
                     std::string(split_name(split)) +
                     "; take more of them, or another fraction of test characters");
  }
  return members;
}

}  // namespace

class OnlineSource::Drawing {
 public:
  Drawing(std::shared_ptr<const CharacterSet> characters, const SourceOptions& options,
          const Context& context)
      : options_(options),
        context_(context),
        characters_(std::move(characters)),
        members_(characters_of(*characters_, options.split, options.test_fraction)) {
    position_.sequence = sequence();
    start();
  }

  Triple next() {
    while (true) {
      if (group_.empty()) fill_group();
      const std::uint64_t place = position_.places++ % places_a_group();
      DrawnTurn& turn = group_[place % lanes()];
      const auto pose = static_cast<std::size_t>(place / lanes());
      const bool is_usable = turn.problem.empty();
      Triple triple = is_usable ? triple_of(turn, pose) : Triple{};
      if (place + 1 == places_a_group()) group_.clear();
      if (is_usable) return triple;
    }
  }

  const SourcePosition& position() const { return position_; }

  void restore(const SourcePosition& position) {
    check_sequence(position, position_);
    workers_.reset();
    group_.clear();
    position_ = position;
    start();
  }

 private:
  std::uint64_t lanes() const { return static_cast<std::uint64_t>(options_.characters_at_once); }
  std::uint64_t poses() const { return static_cast<std::uint64_t>(options_.poses_per_character); }
  std::uint64_t places_a_group() const { return lanes() * poses(); }

  std::uint64_t sequence() const {
    std::uint64_t hash = hash_numbers(
        options_.seed, options_.share.rank, options_.share.world_size, options_.poses_per_character,
        options_.characters_at_once, static_cast<int>(options_.distribution), static_cast<int>(options_.step),
        hash_text(json_text(characters_->description())), members_.size(), members_.front(), members_.back());
    for (const NaturalPoseMember& member : natural_pose_members()) {
      hash = hash_numbers(hash, hash_text(std::to_string(options_.natural.*member.value)));
    }
    return hash;
  }

  /// A whole group, and one more turn for each thread: no thread waits while a group is taken bit by bit.
  int turns_ahead() const { return options_.characters_at_once + options_.threads; }

  void start() {
    start_ = position_;
    next_turn_ = position_.places / places_a_group() * lanes();
    workers_.emplace(
        options_.threads, turns_ahead(), [this] { return std::optional(next_turn()); },
        [this] {
          const std::shared_ptr<CharacterRenderer> renderer =
              characters_->make_renderer(options_.cuda_device);
          return [this, renderer](const Turn& turn) { return draw(turn, *renderer); };
        });
  }

  /// Turns are numbered rank by rank within a group, so that no two ranks have one in common. In the group
  /// that a restored position is in, poses that are over are not drawn.
  Turn next_turn() {
    const std::uint64_t number = next_turn_++;
    const std::uint64_t group = number / lanes();
    const std::uint64_t lane = number % lanes();
    Turn turn;
    turn.draw = (group * static_cast<std::uint64_t>(options_.share.world_size) +
                 static_cast<std::uint64_t>(options_.share.rank)) *
                    lanes() +
                lane;
    if (group == start_.places / places_a_group()) {
      const std::uint64_t passed = start_.places % places_a_group();
      turn.first_pose = static_cast<int>((passed + lanes() - 1 - lane) / lanes());
    }
    return turn;
  }

  DrawnTurn draw(const Turn& turn, CharacterRenderer& renderer) const {
    const std::uint64_t hash = hash_numbers(options_.seed, turn.draw);
    const std::uint64_t index = members_[hash % members_.size()];
    DrawnTurn drawn{turn, characters_->id(index), {}, {}, {}, {}, {}};
    drawn.poses =
        sample_poses(options_.distribution, options_.poses_per_character, scatter(hash), options_.natural);
    try {
      std::vector<Pose> before;
      for (Pose& pose : drawn.poses) {
        pose = renderer.within_reach(index, pose);
        before.push_back(pose_before(options_.step, pose));
        pose = pose_after(options_.step, pose);
      }
      const auto due = [&](const std::vector<Pose>& poses) {
        return std::span<const Pose>(poses).subspan(static_cast<std::size_t>(turn.first_pose));
      };
      if (begins_at_rest(options_.step)) {
        drawn.rest.push_back(renderer.rest(index));
      } else {
        drawn.rest = renderer.posed(index, due(before), picture_morphs_before(options_.step));
      }
      if (options_.motion) {
        for (MovedPicture& moved : renderer.moved(index, due(drawn.poses))) {
          drawn.posed.push_back(std::move(moved.picture));
          drawn.motions.push_back(std::move(moved.motion));
        }
      } else {
        drawn.posed = renderer.posed(index, due(drawn.poses), picture_morphs_after(options_.step));
      }
    } catch (const InputError& error) {
      drawn.problem = error.what();
    }
    return drawn;
  }

  void fill_group() {
    while (group_.size() < lanes()) {
      group_.push_back(workers_->next().value());
      if (!group_.back().problem.empty()) note_unusable(group_.back());
    }
  }

  void note_unusable(const DrawnTurn& turn) {
    if (!unusable_.insert(turn.character).second) return;
    if (std::cmp_greater(unusable_.size(), options_.max_damaged)) {
      throw InputError(turn.problem + "; with it " + std::to_string(unusable_.size()) +
                       " characters cannot be used, and at most " + std::to_string(options_.max_damaged) +
                       " are skipped");
    }
    if (unusable_.size() == members_.size()) {
      throw InputError("none of the characters can be used; the messages above say why");
    }
    context_.warn("skipped the character " + turn.character + ": " + turn.problem);
  }

  /// Takes the picture of the pose out of \p turn.
  static Triple triple_of(DrawnTurn& turn, std::size_t pose) {
    const std::size_t drawn = pose - static_cast<std::size_t>(turn.turn.first_pose);
    return {fmt::format("{}-{}-{:06}", turn.character, turn.turn.draw, pose),
            turn.character,
            turn.poses[pose],
            turn.rest[turn.rest.size() == 1 ? 0 : drawn],
            std::move(turn.posed[drawn]),
            turn.motions.empty() ? PictureMotion{} : std::move(turn.motions[drawn])};
  }

  SourceOptions options_;
  Context context_;
  std::shared_ptr<const CharacterSet> characters_;
  std::vector<std::uint64_t> members_;  ///< the characters of the split
  SourcePosition position_;
  SourcePosition start_;          ///< where the workers began
  std::uint64_t next_turn_ = 0;   ///< of this rank
  std::vector<DrawnTurn> group_;  ///< the characters that take turns now
  std::set<std::string> unusable_;
  std::optional<OrderedWorkers<Turn, DrawnTurn>> workers_;  // last: its threads use the others
};

OnlineSource::OnlineSource(std::shared_ptr<const CharacterSet> characters, const SourceOptions& options,
                           const Context& context) {
  check_online(options);
  drawing_ = std::make_unique<Drawing>(std::move(characters), options, context);
}

OnlineSource::~OnlineSource() = default;

Triple OnlineSource::next() {
  return drawing_->next();
}

SourcePosition OnlineSource::position() const {
  return drawing_->position();
}

void OnlineSource::restore(const SourcePosition& position) {
  drawing_->restore(position);
}

}  // namespace tha4
